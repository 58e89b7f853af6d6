package io.portolan.policy.agent;

import io.portolan.common.net.IpAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The node's interfaces and their addresses. */
public interface HostInterfaces extends AutoCloseable {

  /** Addresses by interface, of those that have some. */
  Map<String, List<IpAddress>> addresses();

  /**
   * Waits until addresses may have changed, or for that long.
   *
   * @return false once closed
   */
  boolean await(Duration patience);

  @Override
  void close();
}
