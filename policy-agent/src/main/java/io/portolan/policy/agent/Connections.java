package io.portolan.policy.agent;

import io.portolan.common.net.IpAddress;
import java.util.List;

/** The kernel's connection tracking. */
public interface Connections {

  /** Removes every entry one of whose four addresses is one of these. */
  void forget(List<IpAddress> addresses);

  /** Clears these bits in the mark of every entry. */
  void clearMarks(int mask);
}
