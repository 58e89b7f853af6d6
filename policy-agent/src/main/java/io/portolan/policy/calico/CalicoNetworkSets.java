package io.portolan.policy.calico;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.net.Cidr;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.NetworkSet;
import io.portolan.policy.model.NotUnderstoodException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads NetworkSet and GlobalNetworkSet. */
public final class CalicoNetworkSets {
  private CalicoNetworkSets() {}

  public static Decoded networkSet(JsonNode object) {
    String namespace = object.path("metadata").path("namespace").asText("");
    return namespace.isEmpty()
        ? Decoded.nothing("metadata.namespace: missing")
        : decode(object, namespace);
  }

  public static Decoded globalNetworkSet(JsonNode object) {
    return decode(object, "");
  }

  /**
   * One with nets that are not understood has none: it may stand in rules of either sign, so no
   * part of it is safe to use.
   */
  private static Decoded decode(JsonNode object, String namespace) {
    Fields metadata = new Fields(object.path("metadata"), "metadata");
    String name = metadata.node().path("name").asText("");
    if (name.isEmpty()) {
      return Decoded.nothing("metadata.name: missing");
    }
    List<String> problems = new ArrayList<>();
    Map<String, String> labels = Map.of();
    List<Cidr> blocks = List.of();
    try {
      labels = metadata.map("labels");
      blocks = Peers.cidrs(new Fields(object.path("spec"), "spec"), "nets");
    } catch (NotUnderstoodException e) {
      problems.add("" + e.getMessage());
    }
    return Decoded.of(
        new ClusterChange.NetworkSetSeen(new NetworkSet(namespace, name, labels, blocks)),
        problems);
  }
}
