package io.portolan.policy.agent;

import io.portolan.common.net.IpAddress;
import java.util.List;

/** The kernel's connection tracking. */
public interface Connections {

  /**
   * Removes every entry that one of these addresses began, was meant to be reached by, or answers.
   */
  void forget(List<IpAddress> addresses);

  /** Clears these bits in the mark of every entry. */
  void clearMarks(int mask);
}
