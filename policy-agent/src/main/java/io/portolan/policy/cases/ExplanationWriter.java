package io.portolan.policy.cases;

import com.fasterxml.jackson.core.JsonGenerator;
import io.portolan.common.net.IpFamily;
import io.portolan.policy.compile.RuleOrigin;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.PolicyId;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Writes why a connection is allowed or denied, tier by tier. */
public final class ExplanationWriter {
  private ExplanationWriter() {}

  /**
   * @param staged the same with staged policies enforced; empty if there are none
   */
  public static void write(
      Probe probe,
      Explanation explanation,
      Optional<Explanation> staged,
      OutputStream out,
      PolicyCases.Format format)
      throws IOException {
    switch (format) {
      case TEXT -> out.write(text(probe, explanation, staged).getBytes(StandardCharsets.UTF_8));
      case JSON -> json(probe, explanation, staged, out);
    }
    out.flush();
  }

  private static String text(Probe probe, Explanation explanation, Optional<Explanation> staged) {
    StringBuilder text = new StringBuilder();
    text.append(probe.from()).append(" -> ").append(probe.to()).append(" ");
    text.append(probe.service()).append(": ");
    text.append(word(explanation.answer().allowed())).append("\n");
    ends(probe, explanation, text);
    staged
        .filter(then -> then.answer().allowed() != explanation.answer().allowed())
        .ifPresent(then -> {
          text.append("with staged policies: ");
          text.append(word(then.answer().allowed())).append("\n");
          ends(probe, then, text);
        });
    return text.toString();
  }

  private static void ends(Probe probe, Explanation explanation, StringBuilder text) {
    end("egress of " + probe.from(), explanation.answer().egress(), explanation.egress(), text);
    end("ingress of " + probe.to(), explanation.answer().ingress(), explanation.ingress(), text);
  }

  private static void end(
      String name, Optional<Ruling> ruling, List<TierStep> steps, StringBuilder text) {
    if (ruling.isEmpty()) {
      text.append("  ").append(name).append(": no policed pod\n");
      return;
    }
    text.append("  ").append(name).append(": ").append(word(ruling.get().allowed()));
    byDefault(ruling.get()).ifPresent(reason -> text.append(", ").append(reason));
    text.append("\n");
    for (TierStep step : steps) {
      text.append("    tier ").append(step.asked().tier().name()).append(" (");
      text.append(
          step.asked().policies().stream()
              .map(PolicyId::toString)
              .collect(Collectors.joining(", ")));
      text.append("): ").append(outcome(step)).append("\n");
    }
    boolean passedAll = !steps.isEmpty() && steps.getLast().outcome() == TierStep.Outcome.PASS;
    if (passedAll) {
      text.append("    behind the last tier: ").append(word(ruling.get().allowed())).append("\n");
    }
  }

  /** What decided without a tier. */
  private static Optional<String> byDefault(Ruling ruling) {
    return switch (ruling.reason()) {
      case Ruling.Exempt exempt -> Optional.of(exempt.text());
      case Ruling.Policed(RuleOrigin.OfFailsafe _) -> Optional.of("failsafe port");
      case Ruling.Policed(RuleOrigin.OfProfiles _) -> Optional.of("profiles");
      case Ruling.Policed(RuleOrigin.OfTierEnd _), Ruling.Policed(RuleOrigin.OfRule _) ->
          Optional.empty();
    };
  }

  private static String outcome(TierStep step) {
    String word = step.outcome().name().toLowerCase(Locale.ROOT);
    return step.by()
        .map(rule ->
            "%s by %s %s[%d]".formatted(word, rule.policy(), rule.direction().text(), rule.rule()))
        .orElse(word + " at its end, no rule decides");
  }

  private static void json(
      Probe probe, Explanation explanation, Optional<Explanation> staged, OutputStream out)
      throws IOException {
    try (JsonGenerator json = PolicyCases.generator(out)) {
      json.writeStartObject();
      json.writeStringField("from", probe.from().toString());
      json.writeStringField("to", probe.to().toString());
      json.writeStringField("ipFamily", probe.family() == IpFamily.IPV4 ? "IPv4" : "IPv6");
      if (Probe.hasPorts(probe.protocol())) {
        json.writeStringField("protocol", probe.protocol().text().toUpperCase(Locale.ROOT));
        json.writeNumberField("port", probe.port());
      } else {
        json.writeNumberField("protocol", probe.protocol().number());
      }
      fields(explanation, json);
      if (staged.isPresent()) {
        json.writeObjectFieldStart("staged");
        fields(staged.get(), json);
        json.writeEndObject();
      }
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }

  private static void fields(Explanation explanation, JsonGenerator json) throws IOException {
    json.writeStringField("verdict", word(explanation.answer().allowed()));
    end(Direction.EGRESS, explanation.answer().egress(), explanation.egress(), json);
    end(Direction.INGRESS, explanation.answer().ingress(), explanation.ingress(), json);
  }

  private static void end(
      Direction direction, Optional<Ruling> ruling, List<TierStep> steps, JsonGenerator json)
      throws IOException {
    if (ruling.isEmpty()) {
      json.writeNullField(direction.text());
      return;
    }
    json.writeObjectFieldStart(direction.text());
    json.writeStringField("verdict", word(ruling.get().allowed()));
    Optional<String> reason = byDefault(ruling.get());
    if (reason.isPresent()) {
      json.writeStringField("default", reason.get());
    }
    json.writeArrayFieldStart("tiers");
    for (TierStep step : steps) {
      json.writeStartObject();
      json.writeStringField("tier", step.asked().tier().name());
      json.writeArrayFieldStart("policies");
      for (PolicyId policy : step.asked().policies()) {
        json.writeString(policy.toString());
      }
      json.writeEndArray();
      json.writeStringField("outcome", step.outcome().name().toLowerCase(Locale.ROOT));
      if (step.by().isPresent()) {
        RuleOrigin.OfRule rule = step.by().get();
        json.writeStringField("policy", rule.policy().toString());
        json.writeNumberField("rule", rule.rule());
      } else {
        json.writeStringField("default", "end of tier");
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static String word(boolean allowed) {
    return allowed ? "allow" : "deny";
  }
}
