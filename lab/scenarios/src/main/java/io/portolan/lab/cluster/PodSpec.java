package io.portolan.lab.cluster;

import java.util.Map;

/**
 * A pod to run.
 *
 * @param node the node it is bound to
 * @param ports TCP container ports by name; the pod greets connections on each of them
 */
public record PodSpec(
    String namespace,
    String name,
    String node,
    Map<String, String> labels,
    Map<String, Integer> ports) {
  public PodSpec {
    labels = Map.copyOf(labels);
    ports = Map.copyOf(ports);
  }

  /** {@code namespace/name}. */
  public String key() {
    return namespace + "/" + name;
  }
}
