package io.portolan.node.agent;

import io.portolan.node.cni.CniObserver;
import io.portolan.node.ipam.LedgerObserver;
import java.time.Duration;

/** Hears of what the agent does, on the threads that do it; must not block. */
public interface AgentObserver extends CniObserver, LedgerObserver {
  /** The journal was brought to the disk. */
  void journalSynced(Duration took);
}
