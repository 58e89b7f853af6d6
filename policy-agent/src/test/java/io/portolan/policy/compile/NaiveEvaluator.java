package io.portolan.policy.compile;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.compile.RandomCluster.TestPod;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.Direction;
import io.portolan.policy.nft.Flow;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;

/**
 * NetworkPolicy as its API text reads, object by object and sentence by sentence, sharing nothing
 * with the compiler: no index, no defaulted model, no sets.
 */
public record NaiveEvaluator(RandomCluster cluster) {

  public boolean allows(Flow flow) {
    return allows(Direction.EGRESS, flow) && allows(Direction.INGRESS, flow);
  }

  boolean allows(Direction direction, Flow flow) {
    Optional<TestPod> source = podAt(flow.source());
    Optional<TestPod> destination = podAt(flow.destination());
    Optional<TestPod> subject = direction == Direction.EGRESS ? source : destination;
    // Only this node's pods are judged here, and a pod cannot be kept from itself.
    if (subject.filter(TestPod::local).isEmpty() || source.equals(destination)) {
      return true;
    }
    TestPod pod = subject.get();
    boolean isolated = false;
    for (JsonNode policy : cluster.policies()) {
      String namespace = policy.path("metadata").path("namespace").asText();
      JsonNode spec = policy.path("spec");
      if (namespace.equals(pod.namespace())
          && selects(spec.path("podSelector"), pod.labels())
          && hasType(spec, direction)) {
        isolated = true;
        for (JsonNode rule : spec.path(direction == Direction.EGRESS ? "egress" : "ingress")) {
          JsonNode peers = rule.path(direction == Direction.EGRESS ? "to" : "from");
          IpAddress other = direction == Direction.EGRESS ? flow.destination() : flow.source();
          if ((peers.isEmpty() || any(peers, peer -> isPeer(peer, namespace, other)))
              && (rule.path("ports").isEmpty()
                  || any(rule.path("ports"), port -> isPort(port, flow, destination)))) {
            return true;
          }
        }
      }
    }
    return !isolated;
  }

  private static boolean hasType(JsonNode spec, Direction direction) {
    if (spec.path("policyTypes").isEmpty()) {
      return direction == Direction.INGRESS || !spec.path("egress").isEmpty();
    }
    String wanted = direction == Direction.EGRESS ? "Egress" : "Ingress";
    return any(spec.path("policyTypes"), type -> type.asText().equals(wanted));
  }

  private boolean isPeer(JsonNode peer, String policyNamespace, IpAddress address) {
    if (peer.has("ipBlock")) {
      return Cidr.parse(peer.path("ipBlock").path("cidr").asText()).contains(address)
          && !any(
              peer.path("ipBlock").path("except"),
              except -> Cidr.parse(except.asText()).contains(address));
    }
    Optional<TestPod> pod = podAt(address);
    if (pod.isEmpty()) {
      return false;
    }
    boolean inNamespace =
        peer.has("namespaceSelector")
            ? selects(
                peer.path("namespaceSelector"),
                cluster.namespaces().getOrDefault(pod.get().namespace(), Map.of()))
            : pod.get().namespace().equals(policyNamespace);
    return inNamespace && selects(peer.path("podSelector"), pod.get().labels());
  }

  private static boolean isPort(JsonNode port, Flow flow, Optional<TestPod> destination) {
    int protocol =
        switch (port.path("protocol").asText("TCP")) {
          case "TCP" -> 6;
          case "UDP" -> 17;
          default -> 132;
        };
    if (flow.protocol() != protocol) {
      return false;
    }
    if (!port.has("port")) {
      return true;
    }
    if (port.path("port").isTextual()) {
      return destination.isPresent()
          && destination.get().ports().stream()
              .anyMatch((ClusterPod.NamedPort p) ->
                  p.name().equals(port.path("port").asText())
                      && p.protocol().number() == protocol
                      && p.number() == flow.port());
    }
    int first = port.path("port").asInt();
    return first <= flow.port() && flow.port() <= port.path("endPort").asInt(first);
  }

  private static boolean selects(JsonNode selector, Map<String, String> labels) {
    for (var label : selector.path("matchLabels").properties()) {
      if (!label.getValue().asText().equals(labels.get(label.getKey()))) {
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
            default -> value == null;
          };
      if (!holds) {
        return false;
      }
    }
    return true;
  }

  /** Finished pods own no address, and pods in the host's network are not known by theirs. */
  private Optional<TestPod> podAt(IpAddress address) {
    return cluster.pods().stream()
        .filter(pod -> !pod.finished() && !pod.hostNetwork() && pod.addresses().contains(address))
        .findFirst();
  }

  private static boolean any(JsonNode list, java.util.function.Predicate<JsonNode> predicate) {
    return StreamSupport.stream(list.spliterator(), false).anyMatch(predicate);
  }
}
