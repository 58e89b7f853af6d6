package io.portolan.sim.policy;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.sim.policy.Connection.End;
import io.portolan.sim.policy.Connection.Pod;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

/**
 * NetworkPolicy v1 evaluated as its API documentation reads, one connection at a time, object by
 * object and sentence by sentence.
 *
 * <p>GOAL: an expectation that shares nothing with the policy agent's compiler: no index, no
 * defaulted model, no sets. CONSTRAINT: nothing clever; every question walks all policies. The
 * price, milliseconds for a whole matrix, does not matter here.
 */
public final class PolicyText {
  private final List<JsonNode> policies;
  private final Map<String, Map<String, String>> namespaceLabels;

  /** Which end of a connection is judged. */
  public enum Direction {
    /** The pod that is talked to. */
    INGRESS("Ingress"),
    /** The pod that talks. */
    EGRESS("Egress");

    private final String type;

    Direction(String type) {
      this.type = type;
    }
  }

  /**
   * @param policies networking.k8s.io/v1 NetworkPolicy objects
   * @param namespaceLabels labels by namespace, {@code kubernetes.io/metadata.name} included
   */
  public PolicyText(List<JsonNode> policies, Map<String, Map<String, String>> namespaceLabels) {
    this.policies = List.copyOf(policies);
    this.namespaceLabels = Map.copyOf(namespaceLabels);
  }

  /** Whether both ends allow a connection between different pods. */
  public boolean allows(Connection connection) {
    return allows(Direction.EGRESS, connection) && allows(Direction.INGRESS, connection);
  }

  /** Whether one end allows it; an end that is no pod allows everything. */
  public boolean allows(Direction direction, Connection connection) {
    return decision(direction, connection).orElse(true);
  }

  /** What one end decides; empty if no policy isolates it in this direction. */
  public Optional<Boolean> decision(Direction direction, Connection connection) {
    boolean ingress = direction == Direction.INGRESS;
    Optional<Pod> subject = (ingress ? connection.to() : connection.from()).pod();
    End peer = ingress ? connection.from() : connection.to();
    boolean isolated = false;
    for (JsonNode policy : policies) {
      String namespace = policy.path("metadata").path("namespace").asText();
      JsonNode spec = policy.path("spec");
      if (subject.isEmpty()
          || !subject.get().namespace().equals(namespace)
          || !selects(spec.path("podSelector"), subject.get().labels())
          || !hasType(spec, direction)) {
        continue;
      }
      isolated = true;
      for (JsonNode rule : spec.path(ingress ? "ingress" : "egress")) {
        if (emptyOrAny(rule.path(ingress ? "from" : "to"), item -> isPeer(item, namespace, peer))
            && emptyOrAny(rule.path("ports"), port -> isPort(port, connection))) {
          return Optional.of(true);
        }
      }
    }
    return isolated ? Optional.of(false) : Optional.empty();
  }

  private static boolean hasType(JsonNode spec, Direction direction) {
    if (spec.path("policyTypes").isEmpty()) {
      return direction == Direction.INGRESS || !spec.path("egress").isEmpty();
    }
    return any(spec.path("policyTypes"), type -> type.asText().equals(direction.type));
  }

  private boolean isPeer(JsonNode item, String policyNamespace, End peer) {
    if (item.hasNonNull("ipBlock")) {
      return peer.addresses().stream().anyMatch(address -> inBlock(item.path("ipBlock"), address));
    }
    if (peer.pod().isEmpty()) {
      return false;
    }
    Pod pod = peer.pod().get();
    boolean inNamespace =
        item.hasNonNull("namespaceSelector")
            ? selects(
                item.path("namespaceSelector"),
                namespaceLabels.getOrDefault(pod.namespace(), Map.of()))
            : pod.namespace().equals(policyNamespace);
    return inNamespace && selects(item.path("podSelector"), pod.labels());
  }

  private static boolean inBlock(JsonNode block, IpAddress address) {
    return Cidr.parseMasking(block.path("cidr").asText()).contains(address)
        && !any(
            block.path("except"), except -> Cidr.parseMasking(except.asText()).contains(address));
  }

  private static boolean isPort(JsonNode item, Connection connection) {
    int protocol =
        switch (item.path("protocol").asText("TCP")) {
          case "TCP" -> Connection.TCP;
          case "UDP" -> Connection.UDP;
          case "SCTP" -> Connection.SCTP;
          case String other -> throw new IllegalArgumentException("unknown protocol " + other);
        };
    if (protocol != connection.protocol()) {
      return false;
    }
    JsonNode wanted = item.path("port");
    if (wanted.isMissingNode() || wanted.isNull()) {
      return true;
    }
    if (wanted.isTextual()) {
      Connection.NamedPort named =
          new Connection.NamedPort(wanted.asText(), protocol, connection.port());
      return connection.to().pod().map(pod -> pod.ports().contains(named)).orElse(false);
    }
    int first = wanted.asInt();
    return first <= connection.port() && connection.port() <= item.path("endPort").asInt(first);
  }

  static boolean selects(JsonNode selector, Map<String, String> labels) {
    for (Map.Entry<String, JsonNode> wanted : selector.path("matchLabels").properties()) {
      if (!wanted.getValue().asText().equals(labels.get(wanted.getKey()))) {
        return false;
      }
    }
    for (JsonNode expression : selector.path("matchExpressions")) {
      String value = labels.get(expression.path("key").asText());
      boolean listed =
          value != null && any(expression.path("values"), v -> v.asText().equals(value));
      boolean holds =
          switch (expression.path("operator").asText()) {
            case "In" -> listed;
            case "NotIn" -> !listed;
            case "Exists" -> value != null;
            case "DoesNotExist" -> value == null;
            case String other ->
                throw new IllegalArgumentException("unknown selector operator '" + other + "'");
          };
      if (!holds) {
        return false;
      }
    }
    return true;
  }

  /** A list that is left out restricts nothing. */
  private static boolean emptyOrAny(JsonNode list, Predicate<JsonNode> predicate) {
    return list.isEmpty() || any(list, predicate);
  }

  private static boolean any(JsonNode list, Predicate<JsonNode> predicate) {
    return StreamSupport.stream(list.spliterator(), false).anyMatch(predicate);
  }
}
