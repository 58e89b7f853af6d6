package io.portolan.cli.status;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A cluster as its objects show it.
 *
 * @param nodes by name
 * @param programs by name
 */
public record ClusterStatus(List<NodeStatus> nodes, List<ProgramStatus> programs) {
  private static final String NODE_AGENT = "portolan-agent";
  private static final String POLICY_AGENT = "portolan-policy-agent";
  private static final String NAME_LABEL = "app.kubernetes.io/name";

  public ClusterStatus {
    nodes = List.copyOf(nodes);
    programs = List.copyOf(programs);
  }

  /**
   * @param nodes the list of Nodes
   * @param networks the list of NodeNetworks
   * @param pods the list of Portolan's own pods
   */
  public static ClusterStatus of(JsonNode nodes, JsonNode networks, JsonNode pods) {
    NavigableMap<String, JsonNode> networkOf = new TreeMap<>();
    networks.path("items").forEach(n -> networkOf.put(name(n), n));
    NavigableMap<String, JsonNode> agentOf = new TreeMap<>();
    NavigableMap<String, List<JsonNode>> programs = new TreeMap<>();
    for (JsonNode pod : pods.path("items")) {
      String program = program(pod);
      programs.computeIfAbsent(program, p -> new ArrayList<>()).add(pod);
      if (program.equals(NODE_AGENT) || program.equals(POLICY_AGENT)) {
        // While one is replaced there are two: the one that is ready counts.
        agentOf.merge(
            pod.path("spec").path("nodeName").asText(), pod, (a, b) -> isReady(a) ? a : b);
      }
    }
    NavigableMap<String, NodeStatus> rows = new TreeMap<>();
    for (JsonNode node : nodes.path("items")) {
      rows.put(
          name(node),
          row(
              name(node),
              networkOf.getOrDefault(name(node), MissingNode.getInstance()),
              agentOf.getOrDefault(name(node), MissingNode.getInstance())));
    }
    return new ClusterStatus(
        List.copyOf(rows.values()),
        programs.entrySet().stream().map(ClusterStatus::program).toList());
  }

  /** Whether there is something to be done. */
  public boolean hasProblems() {
    return nodes.stream().anyMatch(node -> !node.problems().isEmpty())
        || programs.stream().anyMatch(program -> program.ready() < program.pods());
  }

  private static NodeStatus row(String node, JsonNode network, JsonNode agent) {
    JsonNode spec = network.path("spec");
    JsonNode supply = network.path("status").path("supply");
    JsonNode use = network.path("status").path("use");
    String mode =
        network.isMissingNode()
            ? agent.isMissingNode() ? "none" : "external"
            : spec.path("provider").asText();
    List<String> problems = new ArrayList<>();
    for (JsonNode condition : network.path("status").path("conditions")) {
      String type = condition.path("type").asText();
      String status = condition.path("status").asText();
      if (status.equals("Unknown") || status.equals("True") == type.equals("Degraded")) {
        problems.add(
            type
                + "="
                + status
                + " "
                + condition.path("reason").asText()
                + ": "
                + condition.path("message").asText());
      }
    }
    if (agent.isMissingNode()) {
      problems.add("no agent");
    } else if (!isReady(agent)) {
      problems.add("agent not ready");
    }
    if (mode.equals("external") && program(agent).equals(NODE_AGENT)) {
      problems.add("no NodeNetwork");
    }
    JsonNode counts = supply.path("counts");
    return new NodeStatus(
        node,
        mode,
        spec.path("instanceType").asText(),
        spec.path("zone").asText(),
        network.isMissingNode()
            ? null
            : new NodeStatus.Pool(
                counts.path("capacity").asInt(),
                counts.path("assigned").asInt(),
                counts.path("demand").asInt(),
                use.path("inUse").asInt(),
                use.path("cooling").asInt()),
        agent.isMissingNode() ? "" : version(agent),
        problems);
  }

  private static ProgramStatus program(Map.Entry<String, List<JsonNode>> entry) {
    List<JsonNode> pods = entry.getValue();
    TreeSet<String> versions = new TreeSet<>();
    pods.forEach(pod -> versions.add(version(pod)));
    return new ProgramStatus(
        entry.getKey(),
        pods.size(),
        (int) pods.stream().filter(ClusterStatus::isReady).count(),
        List.copyOf(versions));
  }

  private static boolean isReady(JsonNode pod) {
    for (JsonNode condition : pod.path("status").path("conditions")) {
      if (condition.path("type").asText().equals("Ready")) {
        return condition.path("status").asText().equals("True");
      }
    }
    return false;
  }

  /** The tag of its image, or the digest where it has none. */
  private static String version(JsonNode pod) {
    String image = pod.path("spec").path("containers").path(0).path("image").asText();
    int at = image.lastIndexOf(':');
    return at > image.lastIndexOf('/') ? image.substring(at + 1) : "latest";
  }

  private static String program(JsonNode pod) {
    return pod.path("metadata").path("labels").path(NAME_LABEL).asText();
  }

  private static String name(JsonNode object) {
    return object.path("metadata").path("name").asText();
  }
}
