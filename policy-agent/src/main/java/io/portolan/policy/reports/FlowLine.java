package io.portolan.policy.reports;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.compile.Owner;
import io.portolan.policy.compile.Reported;
import io.portolan.policy.compile.RuleOrigin;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.model.Protocol;
import io.portolan.policy.nft.Skeleton;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A line of the flow log: a JSON object; see the operations page for its fields. */
final class FlowLine {
  private FlowLine() {}

  /**
   * @param reported what the record was made for; empty if that is no more
   * @param owners by address, where they are known
   */
  static String of(
      FlowWindow.Sum sum, Optional<Reported> reported, Map<IpAddress, Owner> owners, String node) {
    LoggedFlow flow = sum.sample();
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("time", sum.first().truncatedTo(ChronoUnit.MILLIS).toString());
    line.put("last", sum.last().truncatedTo(ChronoUnit.MILLIS).toString());
    line.put("node", node);
    reported.ifPresentOrElse(
        known -> describe(line, known), () -> describe(line, sum.prefix(), flow, owners));
    line.put("family", flow.source().isIpv4() ? "IPv4" : "IPv6");
    line.put("protocol", protocol(flow.protocol()));
    if (flow.icmpType() >= 0) {
      line.put("icmpType", flow.icmpType()).put("icmpCode", flow.icmpCode());
    }
    end(line.putObject("source"), flow.source(), flow.sourcePort(), owners);
    end(line.putObject("destination"), flow.destination(), flow.port(), owners);
    line.put("packets", sum.packets()).put("bytes", sum.bytes());
    return line.toString();
  }

  private static void describe(ObjectNode line, Reported reported) {
    line.put("verdict", reported.verdict() == Reported.Verdict.DENIED ? "denied" : "logged");
    line.put("connection", reported.packets().text());
    direction(line, reported.direction());
    switch (reported.origin()) {
      case RuleOrigin.OfRule rule -> line.put("reason", "rule").put("rule", rule.rule());
      case RuleOrigin.OfTierEnd _ -> line.put("reason", "end-of-tier");
      case RuleOrigin.OfFailsafe _ -> line.put("reason", "failsafe-port");
      case RuleOrigin.OfProfiles _ -> line.put("reason", "profiles");
    }
    line.put("tier", reported.origin().tier());
    policies(line, reported.policies());
  }

  private static void policies(ObjectNode line, List<PolicyId> ids) {
    ArrayNode policies = line.putArray("policies");
    for (PolicyId id : ids) {
      ObjectNode policy = policies.addObject().put("kind", id.kind().api());
      if (!id.namespace().isEmpty()) {
        policy.put("namespace", id.namespace());
      }
      policy.put("name", id.name());
    }
  }

  /** What no policy decided on, or one that is no more. */
  private static void describe(
      ObjectNode line, String prefix, LoggedFlow flow, Map<IpAddress, Owner> owners) {
    line.put("verdict", prefix.startsWith("logged ") ? "logged" : "denied");
    switch (Reported.Packets.reason(prefix)) {
      case Skeleton.ISOLATED -> connection(line, prefix).put("reason", "isolated");
      case Skeleton.SPOOFING -> line.put("reason", "spoofed");
      case Skeleton.UNDECIDED_EGRESS, Skeleton.UNDECIDED_TO_NODE ->
          undecided(connection(line, prefix), Direction.EGRESS, owners.get(flow.source()));
      case Skeleton.UNDECIDED_INGRESS ->
          undecided(connection(line, prefix), Direction.INGRESS, owners.get(flow.destination()));
      default -> line.put("reason", "unknown").put("prefix", prefix);
    }
  }

  private static ObjectNode connection(ObjectNode line, String prefix) {
    return line.put("connection", Reported.Packets.of(prefix).text());
  }

  private static void undecided(ObjectNode line, Direction direction, @Nullable Owner subject) {
    direction(line, direction);
    line.put("reason", "changing");
    policies(
        line, subject == null ? List.of() : subject.policies().getOrDefault(direction, List.of()));
  }

  private static void direction(ObjectNode line, Direction direction) {
    line.put("direction", direction.text());
  }

  private static void end(
      ObjectNode end, IpAddress address, int port, Map<IpAddress, Owner> owners) {
    end.put("address", address.toString());
    if (port >= 0) {
      end.put("port", port);
    }
    Owner owner = owners.get(address);
    if (owner != null) {
      end.put("namespace", owner.pod().namespace()).put("pod", owner.pod().name());
    }
  }

  private static String protocol(int number) {
    return switch (number) {
      case 1 -> "icmp";
      case 58 -> "icmpv6";
      default -> new Protocol(number).text();
    };
  }
}
