package io.portolan.policy.reports;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.compile.Reported;
import io.portolan.policy.compile.RuleOrigin;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.PodName;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.model.Protocol;
import io.portolan.policy.nft.Skeleton;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;

/** A line of the flow log: a JSON object; see the operations page for its fields. */
final class FlowLine {
  private FlowLine() {}

  /**
   * @param reported what the record was made for; empty if that is no more
   * @param pods by address, where they are known
   */
  static String of(
      FlowWindow.Sum sum, Optional<Reported> reported, Map<IpAddress, PodName> pods, String node) {
    LoggedFlow flow = sum.sample();
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("time", sum.first().truncatedTo(ChronoUnit.MILLIS).toString());
    line.put("last", sum.last().truncatedTo(ChronoUnit.MILLIS).toString());
    line.put("node", node);
    reported.ifPresentOrElse(known -> describe(line, known), () -> describe(line, sum.prefix()));
    line.put("family", flow.source().isIpv4() ? "IPv4" : "IPv6");
    line.put("protocol", protocol(flow.protocol()));
    if (flow.icmpType() >= 0) {
      line.put("icmpType", flow.icmpType()).put("icmpCode", flow.icmpCode());
    }
    end(line.putObject("source"), flow.source(), flow.sourcePort(), pods);
    end(line.putObject("destination"), flow.destination(), flow.port(), pods);
    line.put("packets", sum.packets()).put("bytes", sum.bytes());
    return line.toString();
  }

  private static void describe(ObjectNode line, Reported reported) {
    line.put("verdict", reported.verdict() == Reported.Verdict.DENIED ? "denied" : "logged");
    direction(line, reported.direction());
    switch (reported.origin()) {
      case RuleOrigin.OfRule rule -> line.put("reason", "rule").put("rule", rule.rule());
      case RuleOrigin.OfTierEnd _ -> line.put("reason", "end-of-tier");
      case RuleOrigin.OfFailsafe _ -> line.put("reason", "failsafe-port");
      case RuleOrigin.OfProfiles _ -> line.put("reason", "profiles");
    }
    line.put("tier", reported.origin().tier());
    ArrayNode policies = line.putArray("policies");
    for (PolicyId id : reported.policies()) {
      ObjectNode policy = policies.addObject().put("kind", id.kind().api());
      if (!id.namespace().isEmpty()) {
        policy.put("namespace", id.namespace());
      }
      policy.put("name", id.name());
    }
  }

  /** What no policy decided on, or one that is no more. */
  private static void describe(ObjectNode line, String prefix) {
    line.put("verdict", prefix.startsWith("logged ") ? "logged" : "denied");
    switch (prefix) {
      case Skeleton.ISOLATED_PREFIX -> line.put("reason", "isolated");
      case Skeleton.SPOOFING_PREFIX -> line.put("reason", "spoofed");
      default -> line.put("reason", "unknown").put("prefix", prefix);
    }
  }

  private static void direction(ObjectNode line, Direction direction) {
    line.put("direction", direction.text());
  }

  private static void end(
      ObjectNode end, IpAddress address, int port, Map<IpAddress, PodName> pods) {
    end.put("address", address.toString());
    if (port >= 0) {
      end.put("port", port);
    }
    PodName pod = pods.get(address);
    if (pod != null) {
      end.put("namespace", pod.namespace()).put("pod", pod.name());
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
