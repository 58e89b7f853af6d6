package io.portolan.policy.compile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A random cluster as the objects an API server would list, no pod on a node that is known. */
public final class ClusterObjects {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ClusterObjects() {}

  /** The same cluster with every pod on the node that is looked at. */
  public static RandomCluster everywhere(RandomCluster cluster) {
    return new RandomCluster(
        cluster.namespaces(),
        cluster.pods().stream()
            .map(p ->
                new RandomCluster.TestPod(
                    p.namespace(),
                    p.name(),
                    p.labels(),
                    true,
                    p.hostNetwork(),
                    p.finished(),
                    p.addresses(),
                    p.ports()))
            .toList(),
        cluster.policies(),
        cluster.tiers());
  }

  public static List<JsonNode> of(RandomCluster cluster) {
    List<JsonNode> objects = new ArrayList<>();
    cluster
        .namespaces()
        .forEach((name, labels) ->
            objects.add(
                JSON.valueToTree(
                    Map.of(
                        "apiVersion",
                        "v1",
                        "kind",
                        "Namespace",
                        "metadata",
                        Map.of("name", name, "labels", labels)))));
    cluster.pods().forEach(pod -> objects.add(JSON.valueToTree(pod(pod))));
    for (JsonNode policy : cluster.policies()) {
      ObjectNode object = policy.deepCopy();
      object.put("apiVersion", "networking.k8s.io/v1").put("kind", "NetworkPolicy");
      objects.add(object);
    }
    return objects;
  }

  private static Map<String, Object> pod(RandomCluster.TestPod pod) {
    List<Object> ports = new ArrayList<>();
    pod.ports()
        .forEach(port ->
            ports.add(
                Map.of(
                    "name",
                    port.name(),
                    "containerPort",
                    port.number(),
                    "protocol",
                    port.protocol().text().toUpperCase(Locale.ROOT))));
    return Map.of(
        "apiVersion",
        "v1",
        "kind",
        "Pod",
        "metadata",
        Map.of("namespace", pod.namespace(), "name", pod.name(), "labels", pod.labels()),
        "spec",
        Map.of("hostNetwork", pod.hostNetwork(), "containers", List.of(Map.of("ports", ports))),
        "status",
        Map.of(
            "phase",
            pod.finished() ? "Failed" : "Running",
            "podIPs",
            pod.addresses().stream().map(a -> Map.of("ip", a.toString())).toList()));
  }
}
