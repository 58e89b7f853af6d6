package io.portolan.policy.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.net.Cidr;
import io.portolan.common.select.NamespaceScope;
import io.portolan.common.select.PodQuery;
import io.portolan.common.select.Selector;
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
  /** Where Calico puts them among the policies of the default tier. */
  private static final double ORDER = 1_000;

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
        Tier.DEFAULT.name(),
        ORDER,
        subject,
        directions(spec, problems),
        rules(namespace, spec, Direction.EGRESS, "to", problems),
        rules(namespace, spec, Direction.INGRESS, "from", problems),
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
      String namespace,
      JsonNode spec,
      Direction direction,
      String peersField,
      List<String> problems) {
    List<PolicyRule> rules = new ArrayList<>();
    int index = 0;
    for (JsonNode rule : spec.path(direction.text())) {
      String where = "spec." + direction.text() + "[" + index++ + "].";
      List<Condition> conditions = new ArrayList<>();
      // An empty list says the same as a missing one: no restriction.
      JsonNode peers = rule.path(peersField);
      if (!peers.isEmpty()) {
        conditions.add(
            Condition.anyOf(
                peers(namespace, peers, End.peer(direction), where + peersField, problems)));
      }
      JsonNode ports = rule.path("ports");
      if (!ports.isEmpty()) {
        conditions.add(Condition.anyOf(ports(ports, where + "ports", problems)));
      }
      rules.add(new PolicyRule(Action.ALLOW, conditions));
    }
    return rules;
  }

  private static List<Match> peers(
      String namespace, JsonNode list, End end, String where, List<String> problems) {
    List<Match> peers = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      try {
        peers.add(peer(namespace, end, list.get(i)));
      } catch (NotUnderstoodException | IllegalArgumentException e) {
        problems.add(where + "[" + i + "]: " + e.getMessage());
      }
    }
    return peers;
  }

  private static Match peer(String namespace, End end, JsonNode node)
      throws NotUnderstoodException {
    boolean byPods = node.hasNonNull("podSelector");
    boolean byNamespaces = node.hasNonNull("namespaceSelector");
    boolean byBlock = node.hasNonNull("ipBlock");
    if (byBlock == (byPods || byNamespaces)) {
      throw new NotUnderstoodException(
          "a peer has either ipBlock or podSelector and namespaceSelector, not " + node);
    }
    if (byBlock) {
      return block(end, node.path("ipBlock"));
    }
    NamespaceScope scope =
        byNamespaces
            ? new NamespaceScope.Matching(LabelSelectors.decode(node.path("namespaceSelector")))
            : new NamespaceScope.Only(namespace);
    Selector pods = byPods ? LabelSelectors.decode(node.path("podSelector")) : Selector.ALL;
    return new Match.Selected(end, new PodQuery(scope, pods));
  }

  /** Host bits are cleared: the API server lets them through in objects of older releases. */
  private static Match block(End end, JsonNode node) {
    List<Cidr> except = new ArrayList<>();
    node.path("except").forEach(e -> except.add(Cidr.parseMasking(e.asText())));
    return new Match.Block(end, Cidr.parseMasking(node.path("cidr").asText()), except);
  }

  private static List<Match> ports(JsonNode list, String where, List<String> problems) {
    List<Match> ports = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      try {
        ports.add(port(list.get(i)));
      } catch (NotUnderstoodException | IllegalArgumentException e) {
        problems.add(where + "[" + i + "]: " + e.getMessage());
      }
    }
    return ports;
  }

  private static Match port(JsonNode node) throws NotUnderstoodException {
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
      return new Match.Whole(protocol);
    }
    if (port.isTextual()) {
      if (ranged || port.asText().isEmpty()) {
        throw new NotUnderstoodException("a named port has a name and no endPort");
      }
      return new Match.NamedPort(End.DESTINATION, protocol, port.asText());
    }
    JsonNode last = ranged ? node.path("endPort") : port;
    if (!port.canConvertToInt() || !last.canConvertToInt() || port.asInt() < 1) {
      throw new NotUnderstoodException("port " + port + " to " + last + ": use 1 to 65535");
    }
    return new Match.Port(End.DESTINATION, protocol, port.asInt(), last.asInt());
  }
}
