package io.portolan.policy.cases;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.policy.compile.RuleOrigin;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Answers as lines of JSON: the fields of the probe as they were given, then {@code egress}, {@code
 * ingress}, {@code verdict} and {@code decidedBy}; where there are staged policies, {@code
 * stagedVerdict} and {@code stagedDecidedBy}.
 */
public final class AnswerWriter {
  private static final Set<String> OURS =
      Set.of(
          "id",
          "step",
          "egress",
          "ingress",
          "verdict",
          "decidedBy",
          "stagedVerdict",
          "stagedDecidedBy",
          "error",
          "packets",
          "agrees",
          "why");

  private final JsonGenerator out;

  /** Closing or flushing it leaves {@code out} alone. */
  public static AnswerWriter to(OutputStream out) throws IOException {
    return new AnswerWriter(PolicyCases.generator(out));
  }

  /**
   * @param out with a codec that writes trees
   */
  AnswerWriter(JsonGenerator out) {
    this.out = out;
  }

  /**
   * @param labels {@code id} and {@code step} of the case; none if there is no case
   * @param staged the answer if staged policies were enforced; empty if there are none
   */
  void answer(
      List<Map.Entry<String, JsonNode>> labels,
      JsonNode probe,
      ProbeAnswer answer,
      Optional<ProbeAnswer> staged)
      throws IOException {
    begin(labels, probe);
    answer(answer);
    if (staged.isPresent()) {
      out.writeStringField("stagedVerdict", word(staged.get().allowed()));
      out.writeObjectFieldStart("stagedDecidedBy");
      reason("egress", staged.get().egress());
      reason("ingress", staged.get().ingress());
      out.writeEndObject();
    }
    end();
  }

  private void answer(ProbeAnswer answer) throws IOException {
    out.writeStringField("egress", verdict(answer.egress()));
    out.writeStringField("ingress", verdict(answer.ingress()));
    out.writeStringField("verdict", word(answer.allowed()));
    out.writeObjectFieldStart("decidedBy");
    reason("egress", answer.egress());
    reason("ingress", answer.ingress());
    out.writeEndObject();
  }

  /**
   * What the rules say beside what packets did: {@code packets} is {@code allow}, {@code deny} or
   * {@code none}; {@code why} says why none was sent, {@code agrees} is there if one was.
   *
   * @param labels {@code id} and {@code step} of the case
   */
  public void compared(
      List<Map.Entry<String, JsonNode>> labels, JsonNode probe, ProbeAnswer answer, Packets packets)
      throws IOException {
    begin(labels, probe);
    answer(answer);
    switch (packets) {
      case Packets.Arrived(boolean arrived) -> {
        out.writeStringField("packets", word(arrived));
        out.writeBooleanField("agrees", arrived == answer.allowed());
      }
      case Packets.NotSent(String why) -> {
        out.writeStringField("packets", "none");
        out.writeStringField("why", why);
      }
    }
    end();
  }

  /** What became of a probe that was tried. */
  public sealed interface Packets {
    record Arrived(boolean arrived) implements Packets {}

    /** What cannot be tried. */
    record NotSent(String why) implements Packets {}
  }

  public void flush() throws IOException {
    out.flush();
  }

  /** What is no probe, or no case. */
  public void error(List<Map.Entry<String, JsonNode>> labels, JsonNode probe, String error)
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
      case Ruling.Policed(RuleOrigin.OfFailsafe _) ->
          out.writeStringField("default", "failsafe port");
      case Ruling.Policed(RuleOrigin.OfProfiles _) -> out.writeStringField("default", "profiles");
      case Ruling.Policed(RuleOrigin.OfRule rule) -> {
        out.writeStringField("tier", rule.tier());
        out.writeStringField("policy", rule.policy().toString());
        out.writeNumberField("rule", rule.rule());
      }
    }
    out.writeEndObject();
  }

  /** For people: {@code a/x -> b/y 80/tcp: deny, decided by ingress: end of tier default}. */
  public static String text(Probe probe, ProbeAnswer answer) {
    return "%s -> %s %s: %s".formatted(probe.from(), probe.to(), probe.service(), verdict(answer));
  }

  /** Likewise, and what staged policies would change about it. */
  static String text(Probe probe, ProbeAnswer answer, Optional<ProbeAnswer> staged) {
    return text(probe, answer)
        + staged
            .filter(then -> then.allowed() != answer.allowed())
            .map(then -> "; with staged policies: " + verdict(then))
            .orElse("");
  }

  private static String verdict(ProbeAnswer answer) {
    List<String> reasons = new ArrayList<>();
    reasons("egress", answer, answer.egress(), reasons);
    reasons("ingress", answer, answer.ingress(), reasons);
    return word(answer.allowed())
        + (reasons.isEmpty()
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
      case Ruling.Policed(RuleOrigin.OfFailsafe _) -> "failsafe port";
      case Ruling.Policed(RuleOrigin.OfProfiles _) -> "profiles of the host endpoint";
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
