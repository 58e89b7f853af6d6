package io.portolan.lab.matrix;

import io.portolan.common.net.IpAddress;
import io.portolan.sim.policy.Connection;
import java.util.List;
import java.util.Map;

/**
 * A running pod as the matrix sees it.
 *
 * @param node the node it runs on
 * @param addresses its addresses, at most one per family
 * @param namedPorts TCP container ports by name
 */
public record Workload(
    String namespace,
    String name,
    String node,
    Map<String, String> labels,
    List<IpAddress> addresses,
    Map<String, Integer> namedPorts) {

  public Workload {
    labels = Map.copyOf(labels);
    addresses = List.copyOf(addresses);
    namedPorts = Map.copyOf(namedPorts);
  }

  /** As policies see it. */
  Connection.End end() {
    List<Connection.NamedPort> ports =
        namedPorts.entrySet().stream()
            .map(port -> new Connection.NamedPort(port.getKey(), Connection.TCP, port.getValue()))
            .toList();
    return Connection.End.of(new Connection.Pod(namespace, labels, ports), addresses);
  }

  /** {@code namespace/name}. */
  public String key() {
    return namespace + "/" + name;
  }
}
