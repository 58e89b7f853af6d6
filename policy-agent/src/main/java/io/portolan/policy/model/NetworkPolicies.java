package io.portolan.policy.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.net.Cidr;
import io.portolan.policy.select.NamespaceScope;
import io.portolan.policy.select.PodQuery;
import io.portolan.policy.select.Selector;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Reads networking.k8s.io/v1 NetworkPolicy from raw objects, defaulting as the API server does.
 *
 * <p>What cannot be understood allows nothing: a peer, port or rule with an unknown shape is left
 * out and named in {@link Policy#problems()}, while the policy keeps isolating its pods.
 */
public final class NetworkPolicies {
  private NetworkPolicies() {}

  /**
   * @throws NotUnderstoodException if the object does not say which pods it is about; nothing can
   *     be enforced then
   */
  public static Policy decode(JsonNode object) throws NotUnderstoodException {
    JsonNode metadata = object.path("metadata");
    String namespace = metadata.path("namespace").asText("");
    String name = metadata.path("name").asText("");
    if (namespace.isEmpty() || name.isEmpty()) {
      throw new NotUnderstoodException("a NetworkPolicy has metadata.namespace and metadata.name");
    }
    JsonNode spec = object.path("spec");
    PodQuery subject =
        new PodQuery(
            new NamespaceScope.Only(namespace), LabelSelectors.decode(spec.path("podSelector")));
    List<String> problems = new ArrayList<>();
    return new Policy(
        new PolicyId(PolicyId.Kind.NETWORK_POLICY, namespace, name),
        Tier.NETWORK_POLICY,
        subject,
        directions(spec, problems),
        rules(namespace, spec, "egress", "to", problems),
        rules(namespace, spec, "ingress", "from", problems),
        problems);
  }

  /** SetDefaults_NetworkPolicy: Ingress always, Egress if there is an egress rule. */
  private static Set<Direction> directions(JsonNode spec, List<String> problems) {
    EnumSet<Direction> directions = EnumSet.noneOf(Direction.class);
    for (JsonNode type : spec.path("policyTypes")) {
      switch (type.asText()) {
        case "Ingress" -> directions.add(Direction.INGRESS);
        case "Egress" -> directions.add(Direction.EGRESS);
        default ->
            problems.add("spec.policyTypes: '" + type.asText() + "' is neither Ingress nor Egress");
      }
    }
    if (spec.path("policyTypes").isEmpty()) {
      directions.add(Direction.INGRESS);
      if (!spec.path("egress").isEmpty()) {
        directions.add(Direction.EGRESS);
      }
    }
    return directions;
  }

  private static List<PolicyRule> rules(
      String namespace, JsonNode spec, String section, String peersField, List<String> problems) {
    List<PolicyRule> rules = new ArrayList<>();
    int index = 0;
    for (JsonNode rule : spec.path(section)) {
      String where = "spec." + section + "[" + index++ + "].";
      rules.add(
          new PolicyRule(
              peers(namespace, rule.path(peersField), where + peersField, problems),
              ports(rule.path("ports"), where + "ports", problems)));
    }
    return rules;
  }

  private static List<Peer> peers(
      String namespace, JsonNode list, String where, List<String> problems) {
    if (list.isEmpty()) {
      return List.of(new Peer.Anyone());
    }
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      try {
        peers.add(peer(namespace, list.get(i)));
      } catch (NotUnderstoodException | IllegalArgumentException e) {
        problems.add(where + "[" + i + "]: " + e.getMessage());
      }
    }
    return peers;
  }

  private static Peer peer(String namespace, JsonNode node) throws NotUnderstoodException {
    boolean byPods = node.hasNonNull("podSelector");
    boolean byNamespaces = node.hasNonNull("namespaceSelector");
    boolean byBlock = node.hasNonNull("ipBlock");
    if (byBlock == (byPods || byNamespaces)) {
      throw new NotUnderstoodException(
          "a peer has either ipBlock or podSelector and namespaceSelector, not " + node);
    }
    if (byBlock) {
      return block(node.path("ipBlock"));
    }
    NamespaceScope scope =
        byNamespaces
            ? new NamespaceScope.Matching(LabelSelectors.decode(node.path("namespaceSelector")))
            : new NamespaceScope.Only(namespace);
    Selector pods = byPods ? LabelSelectors.decode(node.path("podSelector")) : Selector.ALL;
    return new Peer.Pods(new PodQuery(scope, pods));
  }

  /** Host bits are cleared: the API server lets them through in objects of older releases. */
  private static Peer block(JsonNode node) {
    List<Cidr> except = new ArrayList<>();
    node.path("except").forEach(e -> except.add(Cidr.parseMasking(e.asText())));
    return new Peer.Block(Cidr.parseMasking(node.path("cidr").asText()), except);
  }

  private static List<PortMatch> ports(JsonNode list, String where, List<String> problems) {
    if (list.isEmpty()) {
      return List.of(new PortMatch.Any());
    }
    List<PortMatch> ports = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      try {
        ports.add(port(list.get(i)));
      } catch (NotUnderstoodException | IllegalArgumentException e) {
        problems.add(where + "[" + i + "]: " + e.getMessage());
      }
    }
    return ports;
  }

  private static PortMatch port(JsonNode node) throws NotUnderstoodException {
    // A JSON null means the same as a missing field, here and for port and endPort.
    String protocolName = node.hasNonNull("protocol") ? node.path("protocol").asText() : "TCP";
    Protocol protocol =
        Protocol.named(protocolName)
            .orElseThrow(() ->
                new NotUnderstoodException(
                    "protocol '" + protocolName + "': use TCP, UDP or SCTP"));
    JsonNode port = node.path("port");
    boolean ranged = node.hasNonNull("endPort");
    if (!node.hasNonNull("port")) {
      if (ranged) {
        throw new NotUnderstoodException("endPort needs a numeric port");
      }
      return new PortMatch.Whole(protocol);
    }
    if (port.isTextual()) {
      if (ranged || port.asText().isEmpty()) {
        throw new NotUnderstoodException("a named port has a name and no endPort");
      }
      return new PortMatch.Named(protocol, port.asText());
    }
    JsonNode last = ranged ? node.path("endPort") : port;
    if (!port.canConvertToInt() || !last.canConvertToInt() || port.asInt() < 1) {
      throw new NotUnderstoodException("port " + port + " to " + last + ": use 1 to 65535");
    }
    return new PortMatch.Range(protocol, port.asInt(), last.asInt());
  }
}
