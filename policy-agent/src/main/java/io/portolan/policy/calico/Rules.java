package io.portolan.policy.calico;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.net.IpFamily;
import io.portolan.policy.model.Action;
import io.portolan.policy.model.Condition;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.End;
import io.portolan.policy.model.Match;
import io.portolan.policy.model.NotUnderstoodException;
import io.portolan.policy.model.PolicyRule;
import io.portolan.policy.model.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Reads rules. One that is not understood fails closed: of those that allow nothing is left, all
 * others deny everything.
 */
final class Rules {
  private static final Set<String> KNOWN =
      Set.of(
          "action",
          "ipVersion",
          "protocol",
          "notProtocol",
          "icmp",
          "notICMP",
          "source",
          "destination",
          "http",
          "metadata");

  private static final Protocol ICMP = new Protocol(1);
  private static final Protocol ICMP_V6 = new Protocol(58);
  private static final Protocol UDP_LITE = new Protocol(136);

  private static final PolicyRule ALLOWS_NOTHING =
      new PolicyRule(Action.ALLOW, List.of(Condition.anyOf(List.of())));
  private static final PolicyRule DENIES_ALL = new PolicyRule(Action.DENY, List.of());

  private final Peers peers;
  private final List<String> problems;

  /**
   * @param problems takes what was not understood
   */
  Rules(Peers peers, List<String> problems) {
    this.peers = peers;
    this.problems = problems;
  }

  /** The rules of one direction. */
  List<PolicyRule> decode(Fields spec, Direction direction) {
    String field = direction.text();
    List<PolicyRule> rules = new ArrayList<>();
    try {
      for (JsonNode rule : spec.list(field)) {
        rules.add(rule(rule, direction, spec.path(field) + "[" + rules.size() + "]"));
      }
    } catch (NotUnderstoodException e) {
      problems.add("" + e.getMessage());
      rules.add(DENIES_ALL);
    }
    return rules;
  }

  private PolicyRule rule(JsonNode node, Direction direction, String path) {
    Optional<Action> action = action(node.path("action"));
    try {
      Fields rule = Fields.of(node, path);
      if (action.isEmpty()) {
        throw rule.problem("action", "expected Allow, Deny, Log or Pass");
      }
      rule.expectOnly(KNOWN);
      List<Condition> all = conditions(rule, direction);
      if (rule.has("http")) {
        throw rule.problem("http", "not enforced yet");
      }
      return new PolicyRule(action.get(), all);
    } catch (NotUnderstoodException e) {
      problems.add("" + e.getMessage());
      return action.filter(Action.ALLOW::equals).isPresent() ? ALLOWS_NOTHING : DENIES_ALL;
    }
  }

  private static Optional<Action> action(JsonNode node) {
    return switch (node.asText("")) {
      case "Allow" -> Optional.of(Action.ALLOW);
      case "Deny" -> Optional.of(Action.DENY);
      case "Log" -> Optional.of(Action.LOG);
      case "Pass" -> Optional.of(Action.PASS);
      default -> Optional.empty();
    };
  }

  private List<Condition> conditions(Fields rule, Direction direction)
      throws NotUnderstoodException {
    List<Condition> all = new ArrayList<>();
    if (rule.has("ipVersion")) {
      all.add(Condition.anyOf(List.of(new Match.Family(family(rule)))));
    }
    Optional<Protocol> protocol = protocol(rule, "protocol");
    protocol.ifPresent(p -> all.add(Condition.anyOf(List.of(new Match.Whole(p)))));
    protocol(rule, "notProtocol")
        .ifPresent(p -> all.add(Condition.noneOf(List.of(new Match.Whole(p)))));
    icmp(rule, "icmp", protocol).ifPresent(i -> all.add(Condition.anyOf(List.of(i))));
    icmp(rule, "notICMP", protocol).ifPresent(i -> all.add(Condition.noneOf(List.of(i))));
    for (End end : End.values()) {
      Optional<Fields> peer = rule.object(end == End.SOURCE ? "source" : "destination");
      if (peer.isPresent()) {
        all.addAll(peers.conditions(peer.get(), end, direction, protocol));
      }
    }
    return all;
  }

  private static IpFamily family(Fields rule) throws NotUnderstoodException {
    return switch (rule.number("ipVersion", 4, 6).orElseThrow()) {
      case 4 -> IpFamily.IPV4;
      case 6 -> IpFamily.IPV6;
      default -> throw rule.problem("ipVersion", "expected 4 or 6");
    };
  }

  /** By number or name; empty for a missing field. */
  static Optional<Protocol> protocol(Fields rule, String field) throws NotUnderstoodException {
    if (!rule.has(field)) {
      return Optional.empty();
    }
    if (rule.node().path(field).isNumber()) {
      return Optional.of(new Protocol(rule.number(field, 1, 255).orElseThrow()));
    }
    return Optional.of(
        switch (rule.text(field).toLowerCase(Locale.ROOT)) {
          case "tcp" -> Protocol.TCP;
          case "udp" -> Protocol.UDP;
          case "sctp" -> Protocol.SCTP;
          case "icmp" -> ICMP;
          case "icmpv6" -> ICMP_V6;
          case "udplite" -> UDP_LITE;
          default ->
              throw rule.problem(
                  field, "expected TCP, UDP, ICMP, ICMPv6, SCTP, UDPLite or a number to 255");
        });
  }

  /** Empty if it says nothing. */
  private static Optional<Match.Icmp> icmp(Fields rule, String field, Optional<Protocol> protocol)
      throws NotUnderstoodException {
    Optional<Fields> icmp = rule.object(field);
    if (icmp.isEmpty()) {
      return Optional.empty();
    }
    icmp.get().expectOnly(Set.of("type", "code"));
    OptionalInt type = icmp.get().number("type", 0, 254);
    OptionalInt code = icmp.get().number("code", 0, 255);
    if (code.isPresent() && type.isEmpty()) {
      throw icmp.get().problem("code", "a code needs a type");
    }
    if (!protocol.equals(Optional.of(ICMP)) && !protocol.equals(Optional.of(ICMP_V6))) {
      throw rule.problem(field, "needs protocol ICMP or ICMPv6");
    }
    if (type.isEmpty()) {
      return Optional.empty();
    }
    IpFamily family = protocol.equals(Optional.of(ICMP)) ? IpFamily.IPV4 : IpFamily.IPV6;
    return Optional.of(new Match.Icmp(family, type, code));
  }
}
