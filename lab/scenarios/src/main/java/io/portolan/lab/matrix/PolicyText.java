package io.portolan.lab.matrix;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/**
 * NetworkPolicy v1 evaluated as its API documentation reads, one connection at a time.
 *
 * <p>GOAL: an expectation that is independent of the policy agent. CONSTRAINT: nothing clever;
 * every question walks all policies. The price, milliseconds for a whole matrix, does not matter
 * here.
 */
public final class PolicyText {
  private final List<JsonNode> policies;
  private final Map<String, Map<String, String>> namespaceLabels;

  /**
   * @param policies networking.k8s.io/v1 NetworkPolicy objects
   * @param namespaceLabels labels by namespace, {@code kubernetes.io/metadata.name} included
   */
  public PolicyText(List<JsonNode> policies, Map<String, Map<String, String>> namespaceLabels) {
    this.policies = List.copyOf(policies);
    this.namespaceLabels = Map.copyOf(namespaceLabels);
  }

  /** Whether a new TCP connection between two different pods is allowed at both ends. */
  public boolean allows(Workload from, Workload to, int port) {
    return direction("Egress", from, to, to, port) && direction("Ingress", to, from, to, port);
  }

  private boolean direction(
      String type, Workload subject, Workload peer, Workload server, int port) {
    boolean isolated = false;
    for (JsonNode policy : policies) {
      JsonNode spec = policy.path("spec");
      if (!policy.path("metadata").path("namespace").asText().equals(subject.namespace())
          || !types(spec).contains(type)
          || !selects(spec.path("podSelector"), subject.labels())) {
        continue;
      }
      isolated = true;
      String namespace = subject.namespace();
      boolean ingress = type.equals("Ingress");
      for (JsonNode rule : spec.path(ingress ? "ingress" : "egress")) {
        if (peersMatch(rule.path(ingress ? "from" : "to"), namespace, peer)
            && portsMatch(rule.path("ports"), server, port)) {
          return true;
        }
      }
    }
    return !isolated;
  }

  private static List<String> types(JsonNode spec) {
    if (spec.hasNonNull("policyTypes")) {
      return StreamSupport.stream(spec.path("policyTypes").spliterator(), false)
          .map(JsonNode::asText)
          .toList();
    }
    List<String> types = new ArrayList<>(List.of("Ingress"));
    if (!spec.path("egress").isEmpty()) {
      types.add("Egress");
    }
    return types;
  }

  private boolean peersMatch(JsonNode peers, String policyNamespace, Workload peer) {
    if (peers.isEmpty()) {
      return true;
    }
    for (JsonNode item : peers) {
      if (item.hasNonNull("ipBlock")
          ? inBlock(item.path("ipBlock"), peer)
          : selected(item, policyNamespace, peer)) {
        return true;
      }
    }
    return false;
  }

  private boolean selected(JsonNode item, String policyNamespace, Workload peer) {
    boolean namespaceMatches =
        item.hasNonNull("namespaceSelector")
            ? selects(
                item.path("namespaceSelector"),
                namespaceLabels.getOrDefault(peer.namespace(), Map.of()))
            : peer.namespace().equals(policyNamespace);
    return namespaceMatches && selects(item.path("podSelector"), peer.labels());
  }

  private static boolean inBlock(JsonNode block, Workload peer) {
    Cidr cidr = Cidr.parseMasking(block.path("cidr").asText());
    for (IpAddress address : peer.addresses()) {
      if (cidr.contains(address)
          && StreamSupport.stream(block.path("except").spliterator(), false)
              .noneMatch(except -> Cidr.parseMasking(except.asText()).contains(address))) {
        return true;
      }
    }
    return false;
  }

  private static boolean portsMatch(JsonNode ports, Workload server, int port) {
    if (ports.isEmpty()) {
      return true;
    }
    for (JsonNode item : ports) {
      if (!item.path("protocol").asText("TCP").equals("TCP")) {
        continue;
      }
      JsonNode wanted = item.path("port");
      if (wanted.isMissingNode() || wanted.isNull()) {
        return true;
      }
      if (wanted.isTextual()) {
        Integer number = server.namedPorts().get(wanted.asText());
        if (number != null && number == port) {
          return true;
        }
      } else if (port >= wanted.asInt() && port <= item.path("endPort").asInt(wanted.asInt())) {
        return true;
      }
    }
    return false;
  }

  private static boolean selects(JsonNode selector, Map<String, String> labels) {
    for (Map.Entry<String, JsonNode> wanted : selector.path("matchLabels").properties()) {
      if (!wanted.getValue().asText().equals(labels.get(wanted.getKey()))) {
        return false;
      }
    }
    for (JsonNode expression : selector.path("matchExpressions")) {
      String value = labels.get(expression.path("key").asText());
      List<String> values =
          StreamSupport.stream(expression.path("values").spliterator(), false)
              .map(JsonNode::asText)
              .toList();
      boolean holds =
          switch (expression.path("operator").asText()) {
            case "In" -> value != null && values.contains(value);
            case "NotIn" -> value == null || !values.contains(value);
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
}
