package io.portolan.lab.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.portolan.lab.cluster.PodSpec;
import io.portolan.sim.kube.KubeObjects;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a scenario runs, as its resource file names it.
 *
 * @param namespaces labels by namespace
 * @param pods in the order they are created
 */
public record Workloads(Map<String, Map<String, String>> namespaces, List<PodSpec> pods) {
  public Workloads {
    pods = List.copyOf(pods);
  }

  /** Reads a resource beside this class and deals its pods to {@code nodes} in turn. */
  public static Workloads load(String resource, List<String> nodes) {
    try {
      return parse(new YAMLMapper().readTree(text(resource)), nodes);
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }

  /** Creates the Namespace objects. */
  void createNamespaces(KubeObjects objects) {
    ObjectMapper json = new ObjectMapper();
    namespaces.forEach((name, labels) -> {
      ObjectNode namespace =
          json.createObjectNode().put("apiVersion", "v1").put("kind", "Namespace");
      ObjectNode metadata = namespace.putObject("metadata").put("name", name);
      ObjectNode target = metadata.putObject("labels");
      labels.forEach(target::put);
      objects.create(namespace);
    });
  }

  /** The text of a resource beside this class. */
  public static String text(String resource) {
    try (InputStream in = Workloads.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("resource " + resource + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }

  private static Workloads parse(JsonNode file, List<String> nodes) {
    Map<String, Map<String, String>> namespaces = new LinkedHashMap<>();
    file.path("namespaces")
        .properties()
        .forEach(e -> namespaces.put(e.getKey(), strings(e.getValue())));
    List<PodSpec> pods = new ArrayList<>();
    for (JsonNode workload : file.path("workloads")) {
      Map<String, Integer> ports = new LinkedHashMap<>();
      workload.path("ports").properties().forEach(e -> ports.put(e.getKey(), e.getValue().asInt()));
      for (int replica = 0; replica < workload.path("replicas").asInt(); replica++) {
        pods.add(
            new PodSpec(
                workload.path("namespace").asText(),
                workload.path("name").asText() + "-" + replica,
                nodes.get(pods.size() % nodes.size()),
                strings(workload.path("labels")),
                ports));
      }
    }
    return new Workloads(namespaces, pods);
  }

  private static Map<String, String> strings(JsonNode object) {
    Map<String, String> map = new LinkedHashMap<>();
    object.properties().forEach(e -> map.put(e.getKey(), e.getValue().asText()));
    return map;
  }
}
