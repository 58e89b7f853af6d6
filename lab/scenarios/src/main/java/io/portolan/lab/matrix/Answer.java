package io.portolan.lab.matrix;

import io.portolan.common.net.IpAddress;

/** What packets said to a {@link Probe}. */
public sealed interface Answer {
  /**
   * Somebody answered.
   *
   * @param server who, by its own word: {@code namespace/name}
   * @param seenSource the address the server saw the connection come from
   */
  record Connected(String server, IpAddress seenSource) implements Answer {}

  /** Nothing came back in time: how a policy denies. */
  record TimedOut() implements Answer {}

  /** The network answered with an error, such as a reset or an ICMP unreachable. */
  record Refused(String error) implements Answer {}
}
