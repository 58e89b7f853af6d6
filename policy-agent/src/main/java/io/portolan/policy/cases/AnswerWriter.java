package io.portolan.policy.cases;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.policy.compile.RuleOrigin;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Answers as lines of JSON: the fields of the probe as they were given, then {@code egress}, {@code
 * ingress}, {@code verdict} and {@code decidedBy}.
 */
final class AnswerWriter {
  private static final Set<String> OURS =
      Set.of("id", "step", "egress", "ingress", "verdict", "decidedBy", "error");

  private final JsonGenerator out;

  /**
   * @param out with a codec that writes trees
   */
  AnswerWriter(JsonGenerator out) {
    this.out = out;
  }

  /**
   * @param labels {@code id} and {@code step} of the case; none if there is no case
   */
  void answer(List<Map.Entry<String, JsonNode>> labels, JsonNode probe, ProbeAnswer answer)
      throws IOException {
    begin(labels, probe);
    out.writeStringField("egress", verdict(answer.egress()));
    out.writeStringField("ingress", verdict(answer.ingress()));
    out.writeStringField("verdict", word(answer.allowed()));
    out.writeObjectFieldStart("decidedBy");
    reason("egress", answer.egress());
    reason("ingress", answer.ingress());
    out.writeEndObject();
    end();
  }

  /** What is no probe, or no case. */
  void error(List<Map.Entry<String, JsonNode>> labels, JsonNode probe, String error)
      throws IOException {
    begin(labels, probe);
    out.writeStringField("error", SelectorCases.wellFormed(error));
    end();
  }

  /** A connection that one state allows and another does not. */
  void change(JsonNode probe, ProbeAnswer before, ProbeAnswer after) throws IOException {
    begin(List.of(), probe);
    out.writeStringField("before", word(before.allowed()));
    out.writeStringField("after", word(after.allowed()));
    out.writeObjectFieldStart("decidedBy");
    reason("egress", after.egress());
    reason("ingress", after.ingress());
    out.writeEndObject();
    end();
  }

  private void begin(List<Map.Entry<String, JsonNode>> labels, JsonNode probe) throws IOException {
    out.writeStartObject();
    for (Map.Entry<String, JsonNode> label : labels) {
      out.writeFieldName(label.getKey());
      out.writeTree(label.getValue());
    }
    for (Map.Entry<String, JsonNode> field : probe.properties()) {
      if (!OURS.contains(field.getKey())) {
        out.writeFieldName(field.getKey());
        out.writeTree(field.getValue());
      }
    }
  }

  private void end() throws IOException {
    out.writeEndObject();
    out.writeRaw('\n');
  }

  private void reason(String field, Optional<Ruling> ruling) throws IOException {
    if (ruling.isEmpty()) {
      out.writeNullField(field);
      return;
    }
    out.writeObjectFieldStart(field);
    switch (ruling.get().reason()) {
      case Ruling.Exempt exempt -> out.writeStringField("default", exempt.text());
      case Ruling.Policed(RuleOrigin.OfTierEnd(String tier)) -> {
        out.writeStringField("tier", tier);
        out.writeStringField("default", "end of tier");
      }
      case Ruling.Policed(RuleOrigin.OfRule rule) -> {
        out.writeStringField("tier", rule.tier());
        out.writeStringField("policy", rule.policy().toString());
        out.writeNumberField("rule", rule.rule());
      }
    }
    out.writeEndObject();
  }

  /** For people: {@code a/x -> b/y 80/tcp: deny, decided by ingress: end of tier default}. */
  static String text(Probe probe, ProbeAnswer answer) {
    List<String> reasons = new ArrayList<>();
    reasons("egress", answer, answer.egress(), reasons);
    reasons("ingress", answer, answer.ingress(), reasons);
    return "%s -> %s %s: %s%s"
        .formatted(
            probe.from(),
            probe.to(),
            probe.service(),
            word(answer.allowed()),
            reasons.isEmpty()
                ? ", neither end is a policed pod"
                : ", decided by " + String.join("; ", reasons));
  }

  /** {@code a/x -> b/y 80/tcp: allow, before: deny, decided by ingress: np/b/y ingress[0] …}. */
  static String changeText(Probe probe, ProbeAnswer before, ProbeAnswer after) {
    return text(probe, after)
        .replaceFirst(": (allow|deny)", ": " + word(before.allowed()) + " becomes $1");
  }

  /** Of what is denied, only why. */
  private static void reasons(
      String end, ProbeAnswer answer, Optional<Ruling> ruling, List<String> reasons) {
    ruling
        .filter(r -> answer.allowed() || !r.allowed())
        .ifPresent(r -> reasons.add(end + ": " + text(r.reason())));
  }

  private static String text(Ruling.Reason reason) {
    return switch (reason) {
      case Ruling.Exempt exempt -> exempt.text();
      case Ruling.Policed(RuleOrigin.OfTierEnd(String tier)) -> "end of tier " + tier;
      case Ruling.Policed(RuleOrigin.OfRule rule) ->
          "%s %s[%d] in tier %s"
              .formatted(rule.policy(), rule.direction().text(), rule.rule(), rule.tier());
    };
  }

  private static String verdict(Optional<Ruling> ruling) {
    return ruling.map(r -> word(r.allowed())).orElse("-");
  }

  private static String word(boolean allowed) {
    return allowed ? "allow" : "deny";
  }
}
