package io.portolan.sim.ec2;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.sim.config.ConfigNode;
import io.portolan.sim.ec2.action.Exhaustion;
import io.portolan.sim.fault.DelayRange;
import io.portolan.sim.fault.Fault;
import io.portolan.sim.fault.FaultPlanReader;
import io.portolan.sim.fault.FaultRule;

/**
 * {@link Ec2Behavior} as a document, to and fro. What a document leaves out keeps the value of its
 * {@code preset}, {@code prompt} or {@code realistic}:
 *
 * <pre>{@code
 * preset: prompt
 * attach: 200ms..1s
 * throttling: true
 * exhaustion: insufficient
 * faults: {seed: 7, rules: [{action: CreateNetworkInterface, fault: lost-reply, times: 1}]}
 * }</pre>
 */
public final class Ec2BehaviorReader {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Ec2BehaviorReader() {}

  /**
   * @throws io.portolan.sim.config.ConfigException naming the field that is wrong
   */
  public static Ec2Behavior read(ConfigNode document) {
    document.allow(
        "preset",
        "attach",
        "detach",
        "launch",
        "terminate",
        "describeLag",
        "imdsLag",
        "throttling",
        "exhaustion",
        "faults");
    Ec2Behavior preset =
        switch (document.optionalText("preset").orElse("prompt")) {
          case "prompt" -> Ec2Behavior.PROMPT;
          case "realistic" -> Ec2Behavior.REALISTIC;
          default -> throw document.complaint("preset", "is neither prompt nor realistic");
        };
    return new Ec2Behavior(
        delay(document, "attach", preset.attach()),
        delay(document, "detach", preset.detach()),
        delay(document, "launch", preset.launch()),
        delay(document, "terminate", preset.terminate()),
        delay(document, "describeLag", preset.describeLag()),
        delay(document, "imdsLag", preset.imdsLag()),
        document.flag("throttling", preset.throttling()),
        document.optional("exhaustion", Exhaustion::parse).orElse(preset.exhaustion()),
        document.object("faults").map(FaultPlanReader::read).orElse(preset.faults()));
  }

  private static DelayRange delay(ConfigNode document, String field, DelayRange otherwise) {
    return document.optional(field, DelayRange::parse).orElse(otherwise);
  }

  /** As a document that {@link #read} understands, in JSON. */
  public static String write(Ec2Behavior behavior) {
    ObjectNode document = JSON.createObjectNode();
    document.put("attach", behavior.attach().toString());
    document.put("detach", behavior.detach().toString());
    document.put("launch", behavior.launch().toString());
    document.put("terminate", behavior.terminate().toString());
    document.put("describeLag", behavior.describeLag().toString());
    document.put("imdsLag", behavior.imdsLag().toString());
    document.put("throttling", behavior.throttling());
    document.put("exhaustion", behavior.exhaustion().text());
    ObjectNode faults = document.putObject("faults");
    faults.put("seed", behavior.faults().seed());
    faults.put("latency", behavior.faults().latency().toString());
    ArrayNode rules = faults.putArray("rules");
    behavior.faults().rules().forEach(rule -> write(rules.addObject(), rule));
    return document.toString();
  }

  private static void write(ObjectNode node, FaultRule rule) {
    node.put("action", rule.action());
    switch (rule.fault()) {
      case Fault.LostRequest _ -> node.put("fault", "lost-request");
      case Fault.LostReply _ -> node.put("fault", "lost-reply");
      case Fault.Garbage _ -> node.put("fault", "garbage");
      case Fault.Slow slow -> node.put("fault", "slow").put("delay", slow.delay().toString());
      case Fault.Refusal refusal ->
          node.put("fault", "refuse")
              .put("code", refusal.code())
              .put("status", refusal.status())
              .put("message", refusal.message());
    }
    node.put("probability", rule.probability());
    rule.times().ifPresent(times -> node.put("times", times));
  }
}
