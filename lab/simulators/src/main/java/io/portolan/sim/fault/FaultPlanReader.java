package io.portolan.sim.fault;

import io.portolan.sim.config.ConfigNode;
import java.util.OptionalInt;

/**
 * Fault plans as documents:
 *
 * <pre>{@code
 * seed: 7
 * latency: 5ms..20ms
 * rules:
 *   - {action: CreateNetworkInterface, fault: lost-reply, probability: 0.1}
 *   - {action: "*", fault: refuse, code: UnauthorizedOperation, status: 403, times: 3}
 *   - {action: "Describe*", fault: slow, delay: 2s}
 * }</pre>
 *
 * The faults are {@code lost-request}, {@code lost-reply}, {@code garbage}, {@code refuse} (with
 * {@code code}, {@code status}, {@code message}) and {@code slow} (with {@code delay}).
 */
public final class FaultPlanReader {
  private FaultPlanReader() {}

  /**
   * @throws io.portolan.sim.config.ConfigException naming the field that is wrong
   */
  public static FaultPlan read(ConfigNode document) {
    document.allow("seed", "latency", "rules");
    return new FaultPlan(
        document.optional("seed", Long::parseLong).orElse(0L),
        document.optional("latency", DelayRange::parse).orElse(DelayRange.NONE),
        document.list("rules").stream().map(FaultPlanReader::rule).toList());
  }

  private static FaultRule rule(ConfigNode rule) {
    rule.allow("action", "fault", "probability", "times", "code", "status", "message", "delay");
    double probability = rule.optional("probability", Double::parseDouble).orElse(1.0);
    if (!(probability > 0 && probability <= 1)) {
      throw rule.complaint("probability", "is " + probability + "; above 0 and at most 1");
    }
    int times = rule.integer("times", 0, 0, Integer.MAX_VALUE);
    return new FaultRule(
        rule.text("action"),
        fault(rule),
        probability,
        times == 0 ? OptionalInt.empty() : OptionalInt.of(times));
  }

  private static Fault fault(ConfigNode rule) {
    return switch (rule.text("fault")) {
      case "lost-request" -> new Fault.LostRequest();
      case "lost-reply" -> new Fault.LostReply();
      case "garbage" -> new Fault.Garbage();
      case "refuse" ->
          new Fault.Refusal(
              rule.text("code"),
              rule.integer("status", 400, 400, 599),
              rule.optionalText("message").orElse("Refused by the fault plan."));
      case "slow" -> new Fault.Slow(rule.value("delay", DelayRange::parse));
      default ->
          throw rule.complaint(
              "fault", "is none of lost-request, lost-reply, garbage, refuse, slow");
    };
  }
}
