package io.portolan.sim.policy;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.sim.policy.Connection.End;
import io.portolan.sim.policy.Connection.Pod;
import io.portolan.sim.policy.PolicyText.Direction;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * ClusterNetworkPolicy v1alpha2, and NetworkPolicy between its tiers, evaluated as the API
 * documentation reads: Admin tier, NetworkPolicy, Baseline tier, and then everything is allowed.
 *
 * <p>GOAL and CONSTRAINT: those of {@link PolicyText}.
 */
public final class ClusterPolicyText {
  private final List<JsonNode> policies;
  private final PolicyText networkPolicies;
  private final Map<String, Map<String, String>> namespaceLabels;
  private final List<Node> nodes;
  private final Map<String, List<IpAddress>> domains;

  /**
   * A node.
   *
   * @param addresses all of its status
   */
  public record Node(String name, Map<String, String> labels, List<IpAddress> addresses) {
    public Node {
      labels = Map.copyOf(labels);
      addresses = List.copyOf(addresses);
    }
  }

  /**
   * @param policies policy.networking.k8s.io ClusterNetworkPolicy objects; of several with one
   *     priority, whose order the API leaves open, the first by name is asked first
   * @param namespaceLabels labels by namespace, {@code kubernetes.io/metadata.name} included
   * @param domains what the name service answered, by name in lower case
   */
  public ClusterPolicyText(
      List<JsonNode> policies,
      PolicyText networkPolicies,
      Map<String, Map<String, String>> namespaceLabels,
      List<Node> nodes,
      Map<String, List<IpAddress>> domains) {
    this.policies =
        policies.stream()
            .sorted(
                Comparator.comparingInt((JsonNode p) -> p.path("spec").path("priority").asInt())
                    .thenComparing(p -> p.path("metadata").path("name").asText()))
            .toList();
    this.networkPolicies = networkPolicies;
    this.namespaceLabels = Map.copyOf(namespaceLabels);
    this.nodes = List.copyOf(nodes);
    this.domains = Map.copyOf(domains);
  }

  /**
   * Whether one end allows a connection; an end that is no pod allows everything.
   *
   * @param toItself whether a pod reaches itself through a service, which no NetworkPolicy prevents
   */
  public boolean allows(Direction direction, Connection connection, boolean toItself) {
    return tier("Admin", direction, connection)
        .or(() -> networkPolicies.decision(direction, connection).map(allows -> allows || toItself))
        .or(() -> tier("Baseline", direction, connection))
        .orElse(true);
  }

  /** What a tier decides; empty if no rule matches, or one that passes. */
  private Optional<Boolean> tier(String tier, Direction direction, Connection connection) {
    boolean ingress = direction == Direction.INGRESS;
    Optional<Pod> subject = (ingress ? connection.to() : connection.from()).pod();
    End peer = ingress ? connection.from() : connection.to();
    if (subject.isEmpty()) {
      return Optional.empty();
    }
    for (JsonNode policy : policies) {
      JsonNode spec = policy.path("spec");
      if (!spec.path("tier").asText().equals(tier)
          || !isPods(spec.path("subject"), subject.get())) {
        continue;
      }
      for (JsonNode rule : spec.path(ingress ? "ingress" : "egress")) {
        String action = rule.path("action").asText();
        if (!isUnderstood(rule.path(ingress ? "from" : "to"), ingress, action)) {
          if (action.equals("Accept")) {
            continue;
          }
          return Optional.of(false);
        }
        if (!matches(rule, rule.path(ingress ? "from" : "to"), peer, connection)) {
          continue;
        }
        return switch (action) {
          case "Accept" -> Optional.of(true);
          case "Deny" -> Optional.of(false);
          default -> Optional.empty();
        };
      }
    }
    return Optional.empty();
  }

  /** "If an implementation sees no fields are set [...] it should fail closed." */
  private static boolean isUnderstood(JsonNode peers, boolean ingress, String action) {
    for (JsonNode peer : peers) {
      boolean known = peer.has("namespaces") || peer.has("pods");
      if (!ingress) {
        known |= peer.has("nodes") || peer.has("networks");
        known |= peer.has("domainNames") && action.equals("Accept");
      }
      if (!known) {
        return false;
      }
    }
    return true;
  }

  private boolean matches(JsonNode rule, JsonNode peers, End peer, Connection connection) {
    boolean isPeer = false;
    for (JsonNode item : peers) {
      isPeer |= isPeer(item, peer);
    }
    boolean isProtocol = !rule.has("protocols");
    for (JsonNode item : rule.path("protocols")) {
      isProtocol |= isProtocol(item, connection);
    }
    return isPeer && isProtocol;
  }

  private boolean isPods(JsonNode item, Pod pod) {
    Map<String, String> labels = namespaceLabels.getOrDefault(pod.namespace(), Map.of());
    return item.has("namespaces")
        ? PolicyText.selects(item.path("namespaces"), labels)
        : PolicyText.selects(item.path("pods").path("namespaceSelector"), labels)
            && PolicyText.selects(item.path("pods").path("podSelector"), pod.labels());
  }

  private boolean isPeer(JsonNode item, End peer) {
    if (item.has("nodes")) {
      for (Node node : nodes) {
        if (PolicyText.selects(item.path("nodes"), node.labels())
            && node.addresses().stream().anyMatch(peer.addresses()::contains)) {
          return true;
        }
      }
      return false;
    }
    if (item.has("networks")) {
      for (JsonNode network : item.path("networks")) {
        Cidr block = Cidr.parseMasking(network.asText());
        if (peer.addresses().stream().anyMatch(block::contains)) {
          return true;
        }
      }
      return false;
    }
    if (item.has("domainNames")) {
      for (JsonNode name : item.path("domainNames")) {
        for (Map.Entry<String, List<IpAddress>> domain : domains.entrySet()) {
          if (isDomain(name.asText(), domain.getKey())
              && domain.getValue().stream().anyMatch(peer.addresses()::contains)) {
            return true;
          }
        }
      }
      return false;
    }
    return peer.pod().isPresent() && isPods(item, peer.pod().get());
  }

  private static boolean isDomain(String wanted, String name) {
    String lower = wanted.toLowerCase(Locale.ROOT);
    return lower.startsWith("*.") ? name.endsWith(lower.substring(1)) : name.equals(lower);
  }

  private static boolean isProtocol(JsonNode item, Connection connection) {
    if (item.has("destinationNamedPort")) {
      String name = item.path("destinationNamedPort").asText();
      return connection.to().pod().stream()
          .flatMap(pod -> pod.ports().stream())
          .anyMatch(port ->
              port.name().equals(name)
                  && port.protocol() == connection.protocol()
                  && port.number() == connection.port());
    }
    String field =
        switch (connection.protocol()) {
          case Connection.TCP -> "tcp";
          case Connection.UDP -> "udp";
          case Connection.SCTP -> "sctp";
          default -> "";
        };
    JsonNode port = item.path(field).path("destinationPort");
    return port.has("range")
        ? port.path("range").path("start").asInt() <= connection.port()
            && connection.port() <= port.path("range").path("end").asInt()
        : port.path("number").asInt() == connection.port() && port.has("number");
  }
}
