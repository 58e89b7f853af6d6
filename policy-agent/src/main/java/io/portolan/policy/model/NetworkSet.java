package io.portolan.policy.model;

import io.portolan.common.net.Cidr;
import java.util.List;
import java.util.Map;

/**
 * Blocks of addresses with labels, which Calico's selectors find like pods.
 *
 * @param namespace empty for a GlobalNetworkSet
 * @param labels its own
 * @param blocks may overlap
 */
public record NetworkSet(
    String namespace, String name, Map<String, String> labels, List<Cidr> blocks) {
  public NetworkSet {
    labels = Map.copyOf(labels);
    blocks = List.copyOf(blocks);
  }
}
