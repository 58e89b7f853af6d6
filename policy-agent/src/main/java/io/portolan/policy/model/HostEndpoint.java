package io.portolan.policy.model;

import io.portolan.common.net.IpAddress;
import java.util.List;
import java.util.Map;

/**
 * A node's network interface, or all of them, that policy is enforced at: Calico's HostEndpoint.
 *
 * @param node name of the node it is on
 * @param interfaceName of the interface; {@link #EVERY_INTERFACE} for all that no other host
 *     endpoint is for; empty for the one that has one of the {@code expected} addresses
 * @param expected its addresses: those by which selectors of rules mean it, whatever the interface
 *     has
 * @param labels its own; it inherits none
 * @param ports named, for rules
 * @param profiles what decides where no policy does; see {@link #allowsByProfile}
 */
public record HostEndpoint(
    String name,
    String node,
    String interfaceName,
    List<IpAddress> expected,
    Map<String, String> labels,
    List<ClusterPod.NamedPort> ports,
    List<String> profiles) {
  /** The interface name that stands for every interface. */
  public static final String EVERY_INTERFACE = "*";

  /** The only profile that is not made from a namespace or a service account. */
  public static final String DEFAULT_ALLOW = "projectcalico-default-allow";

  public HostEndpoint {
    expected = expected.stream().distinct().toList();
    labels = Map.copyOf(labels);
    ports = List.copyOf(ports);
    profiles = List.copyOf(profiles);
  }

  public boolean isOfEveryInterface() {
    return interfaceName.equals(EVERY_INTERFACE);
  }

  /** Whether what no policy decides on is allowed; else it is denied. */
  public boolean allowsByProfile() {
    return profiles.contains(DEFAULT_ALLOW);
  }
}
