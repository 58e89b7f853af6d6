package io.portolan.node.cni;

import java.time.Duration;

/** Hears of every request that was answered, on the request's thread. */
@FunctionalInterface
public interface CniObserver {
  /**
   * @param command the CNI command, or {@code unknown}
   * @param code 0, or the error code that was answered
   * @param took from the request's last byte to the answer's first
   */
  void called(String command, int code, Duration took);
}
