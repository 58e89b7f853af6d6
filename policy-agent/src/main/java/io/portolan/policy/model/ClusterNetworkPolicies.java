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
 * Reads policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy from raw objects.
 *
 * <p>A rule with a part that cannot be understood fails closed, as the API says: if it accepts, it
 * matches nothing, and if it denies or passes, it denies everything; a rule whose action is unknown
 * denies everything. Such parts are named in {@link Policy#problems()}. How many rules, peers and
 * protocols there may be is the API server's to say.
 */
public final class ClusterNetworkPolicies {
  private static final Set<String> INGRESS_PEERS = Set.of("namespaces", "pods");
  private static final Set<String> EGRESS_PEERS =
      Set.of("namespaces", "pods", "nodes", "networks", "domainNames");

  private ClusterNetworkPolicies() {}

  /**
   * @throws NotUnderstoodException if the object does not say where it stands and which pods it is
   *     about; nothing can be enforced then
   */
  public static Policy decode(JsonNode object) throws NotUnderstoodException {
    String name = object.path("metadata").path("name").asText("");
    if (name.isEmpty()) {
      throw new NotUnderstoodException("a ClusterNetworkPolicy has metadata.name");
    }
    JsonNode spec = object.path("spec");
    List<String> problems = new ArrayList<>();
    EnumSet<Direction> directions = EnumSet.noneOf(Direction.class);
    for (Direction direction : Direction.values()) {
      if (!spec.path(direction.text()).isEmpty()) {
        directions.add(direction);
      }
    }
    return new Policy(
        new PolicyId(PolicyId.Kind.CLUSTER_NETWORK_POLICY, "", name),
        tier(spec.path("tier").asText("")),
        priority(spec.path("priority")),
        subject(spec.path("subject")),
        directions,
        rules(spec, Direction.EGRESS, problems),
        rules(spec, Direction.INGRESS, problems),
        problems);
  }

  private static String tier(String tier) throws NotUnderstoodException {
    return switch (tier) {
      case "Admin" -> Tier.ADMIN.name();
      case "Baseline" -> Tier.BASELINE.name();
      default -> throw new NotUnderstoodException("spec.tier '" + tier + "': Admin or Baseline");
    };
  }

  private static int priority(JsonNode priority) throws NotUnderstoodException {
    if (!priority.isInt()) {
      throw new NotUnderstoodException("spec.priority is a number, 0 to 1000, not " + priority);
    }
    return priority.asInt();
  }

  private static PodQuery subject(JsonNode subject) throws NotUnderstoodException {
    String field = onlyField(subject, INGRESS_PEERS, "spec.subject");
    return pods(field, subject.path(field));
  }

  /** Pods in the host's network own no address, so no query finds them. */
  private static PodQuery pods(String field, JsonNode value) throws NotUnderstoodException {
    boolean whole = field.equals("namespaces");
    JsonNode namespaces = whole ? value : value.path("namespaceSelector");
    return new PodQuery(
        new NamespaceScope.Matching(LabelSelectors.decode(namespaces)),
        whole ? Selector.ALL : LabelSelectors.decode(value.path("podSelector")));
  }

  private static List<PolicyRule> rules(JsonNode spec, Direction direction, List<String> problems) {
    List<PolicyRule> rules = new ArrayList<>();
    int index = 0;
    for (JsonNode rule : spec.path(direction.text())) {
      String where = "spec." + direction.text() + "[" + index++ + "].";
      try {
        rules.add(rule(rule, direction, where));
      } catch (NotUnderstoodException | IllegalArgumentException e) {
        problems.add(e.getMessage());
        rules.add(
            rule.path("action").asText().equals("Accept")
                ? new PolicyRule(Action.ALLOW, List.of(Condition.anyOf(List.of())))
                : new PolicyRule(Action.DENY, List.of()));
      }
    }
    return rules;
  }

  private static PolicyRule rule(JsonNode rule, Direction direction, String where)
      throws NotUnderstoodException {
    Action action =
        switch (rule.path("action").asText("")) {
          case "Accept" -> Action.ALLOW;
          case "Deny" -> Action.DENY;
          case "Pass" -> Action.PASS;
          case String other ->
              throw new NotUnderstoodException(
                  where + "action '" + other + "': use Accept, Deny or Pass");
        };
    String field =
        switch (direction) {
          case INGRESS -> "from";
          case EGRESS -> "to";
        };
    JsonNode peers = rule.path(field);
    if (peers.isEmpty()) {
      throw new NotUnderstoodException(where + field + ": name at least one peer");
    }
    List<Condition> conditions = new ArrayList<>();
    List<Match> ends = new ArrayList<>();
    for (int i = 0; i < peers.size(); i++) {
      ends.addAll(peer(peers.get(i), direction, action, where + field + "[" + i + "]"));
    }
    conditions.add(Condition.anyOf(ends));
    JsonNode protocols = rule.path("protocols");
    if (!protocols.isEmpty()) {
      List<Match> ports = new ArrayList<>();
      for (int i = 0; i < protocols.size(); i++) {
        ports.addAll(protocol(protocols.get(i), where + "protocols[" + i + "]"));
      }
      conditions.add(Condition.anyOf(ports));
    }
    return new PolicyRule(action, conditions);
  }

  private static List<Match> peer(JsonNode peer, Direction direction, Action action, String where)
      throws NotUnderstoodException {
    Set<String> known = direction == Direction.INGRESS ? INGRESS_PEERS : EGRESS_PEERS;
    String field = onlyField(peer, known, where);
    JsonNode value = peer.path(field);
    End end = End.peer(direction);
    try {
      return switch (field) {
        case "nodes" -> List.of(new Match.Nodes(end, LabelSelectors.decode(value)));
        case "networks" -> networks(end, value);
        case "domainNames" -> domains(end, value, action);
        default -> List.of(new Match.Selected(end, pods(field, value)));
      };
    } catch (NotUnderstoodException | IllegalArgumentException e) {
      throw new NotUnderstoodException(where + "." + field + ": " + e.getMessage());
    }
  }

  /** Host bits are cleared, as in NetworkPolicy. */
  private static List<Match> networks(End end, JsonNode list) throws NotUnderstoodException {
    if (list.isEmpty()) {
      throw new NotUnderstoodException("name at least one block");
    }
    List<Match> blocks = new ArrayList<>();
    list.forEach(
        cidr -> blocks.add(new Match.Block(end, Cidr.parseMasking(cidr.asText()), List.of())));
    return blocks;
  }

  private static List<Match> domains(End end, JsonNode list, Action action)
      throws NotUnderstoodException {
    if (action != Action.ALLOW) {
      throw new NotUnderstoodException("domain names are for rules that accept");
    }
    List<DomainPattern> names = new ArrayList<>();
    list.forEach(name -> names.add(DomainPattern.parse(name.asText())));
    if (names.isEmpty()) {
      throw new NotUnderstoodException("name at least one domain");
    }
    return List.of(new Match.Domains(end, names));
  }

  private static List<Match> protocol(JsonNode item, String where) throws NotUnderstoodException {
    String field = onlyField(item, Set.of("tcp", "udp", "sctp", "destinationNamedPort"), where);
    JsonNode value = item.path(field);
    return switch (field) {
      case "tcp" -> List.of(port(Protocol.TCP, value, where + ".tcp"));
      case "udp" -> List.of(port(Protocol.UDP, value, where + ".udp"));
      case "sctp" -> List.of(port(Protocol.SCTP, value, where + ".sctp"));
      default -> named(value.asText(""), where);
    };
  }

  /** A port of that name counts whatever its protocol. */
  private static List<Match> named(String name, String where) throws NotUnderstoodException {
    if (name.isEmpty()) {
      throw new NotUnderstoodException(where + ".destinationNamedPort: give a name");
    }
    List<Match> ports = new ArrayList<>();
    for (Protocol protocol : List.of(Protocol.TCP, Protocol.UDP, Protocol.SCTP)) {
      ports.add(new Match.NamedPort(End.DESTINATION, protocol, name));
    }
    return ports;
  }

  private static Match port(Protocol protocol, JsonNode value, String where)
      throws NotUnderstoodException {
    onlyField(value, Set.of("destinationPort"), where);
    JsonNode port = value.path("destinationPort");
    boolean single =
        onlyField(port, Set.of("number", "range"), where + ".destinationPort").equals("number");
    JsonNode from = single ? port.path("number") : port.path("range").path("start");
    JsonNode to = single ? from : port.path("range").path("end");
    boolean inOrder = single || from.asInt() < to.asInt();
    if (!from.isInt() || !to.isInt() || from.asInt() < 1 || to.asInt() > 65535 || !inOrder) {
      throw new NotUnderstoodException(
          where + ".destinationPort " + port + ": use 1 to 65535, and a range that goes up");
    }
    return new Match.Port(End.DESTINATION, protocol, from.asInt(), to.asInt());
  }

  /**
   * The one field that is set. Another one beside it may narrow what this one says, so that an
   * unknown one is no less a reason to fail closed than a missing one; a null is no field.
   */
  private static String onlyField(JsonNode node, Set<String> known, String where)
      throws NotUnderstoodException {
    List<String> set =
        node.properties().stream()
            .filter(field -> !field.getValue().isNull())
            .map(java.util.Map.Entry::getKey)
            .toList();
    if (set.size() != 1 || !known.contains(set.getFirst())) {
      throw new NotUnderstoodException(
          where + ": set exactly one of " + known.stream().sorted().toList() + ", not " + set);
    }
    return set.getFirst();
  }
}
