package io.portolan.policy.compile;

import io.portolan.common.net.IpAddress;
import java.util.List;
import java.util.Map;

/** What has addresses and is no pod. Several may hold the same address. */
sealed interface AddressHolder {
  List<IpAddress> addresses();

  /** A node, with all addresses of its status. */
  record Node(String name, Map<String, String> labels, List<IpAddress> addresses)
      implements AddressHolder {}

  /**
   * A domain name, with the addresses it stands for.
   *
   * @param name in canonical form
   */
  record Domain(String name, List<IpAddress> addresses) implements AddressHolder {}
}
