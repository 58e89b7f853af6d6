package io.portolan.common.select.expression;

import io.portolan.common.select.expression.Expression.Comparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Random expressions, written with random blanks, quotes and parentheses, beside a second reading
 * of what they mean: a formula of closures that shares no code with the parser or the evaluation.
 */
final class RandomExpressions {
  private static final List<String> LABELS =
      List.of("a", "in", "not", "has", "all", "starts", "x.y/z-_0");
  private static final List<String> VALUES = List.of("", "a", "ab", "b", "ba", "it's", "\"", "é☂");

  private final Random random;

  RandomExpressions(Random random) {
    this.random = random;
  }

  interface Meaning {
    boolean of(Map<String, String> labels);
  }

  /**
   * @param text as somebody might write it
   * @param canonical as Calico would
   * @param doubled whether the canonical spelling has a negation of a negation
   */
  record Sample(String text, String canonical, boolean doubled, Meaning meaning) {}

  Map<String, String> labels() {
    Map<String, String> labels = new TreeMap<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      labels.put(pick(LABELS), pick(VALUES));
    }
    return labels;
  }

  Sample sample(int depth) {
    int kind = depth == 0 ? random.nextInt(5) : random.nextInt(10);
    Sample sample =
        switch (kind) {
          case 0 -> constant();
          case 1 -> has();
          case 2, 3 -> compare();
          case 4 -> member();
          case 5, 6 -> not(sample(depth - 1));
          case 7, 8 -> group(depth, "&&");
          default -> group(depth, "||");
        };
    return random.nextInt(6) == 0
        ? new Sample(
            gap() + "(" + gap() + sample.text() + gap() + ")" + gap(),
            sample.canonical(),
            sample.doubled(),
            sample.meaning())
        : sample;
  }

  private Sample constant() {
    String name = random.nextBoolean() ? "all" : "global";
    return new Sample(name + "(" + gap() + ")", name + "()", false, _ -> true);
  }

  private Sample has() {
    String label = pick(LABELS);
    return new Sample(
        "has(" + gap() + label + gap() + ")",
        "has(" + label + ")",
        false,
        labels -> labels.keySet().stream().anyMatch(label::equals));
  }

  private Sample compare() {
    String label = pick(LABELS);
    String value = pick(VALUES);
    Comparison comparison = pick(List.of(Comparison.values()));
    String operator =
        switch (comparison) {
          case EQUAL -> gap() + "==";
          case NOT_EQUAL -> gap() + "!=";
          case CONTAINS -> blank() + "contains";
          case STARTS_WITH -> blank() + "starts" + gap() + "with";
          case ENDS_WITH -> blank() + "ends" + gap() + "with";
        };
    return new Sample(
        label + operator + gap() + quoted(value),
        label + " " + comparison.text() + " " + canonical(value),
        false,
        labels -> {
          boolean present = labels.containsKey(label);
          String actual = labels.getOrDefault(label, "");
          return switch (comparison) {
            case EQUAL -> present && actual.equals(value);
            case NOT_EQUAL -> !(present && actual.equals(value));
            case CONTAINS -> present && actual.indexOf(value) >= 0;
            case STARTS_WITH -> present && actual.indexOf(value) == 0;
            case ENDS_WITH -> present && ("." + actual).matches("(?s).+" + Pattern.quote(value));
          };
        });
  }

  private Sample member() {
    String label = pick(LABELS);
    boolean negated = random.nextBoolean();
    List<String> values = new ArrayList<>();
    StringBuilder text = new StringBuilder(label).append(blank());
    text.append(negated ? "not" + gap() + "in" : "in").append(gap()).append('{').append(gap());
    for (int i = random.nextInt(4); i > 0; i--) {
      values.add(pick(VALUES));
      text.append(quoted(values.getLast())).append(gap());
      if (i > 1 || random.nextBoolean()) {
        text.append(',').append(gap());
      }
    }
    text.append('}');
    String canonical =
        label
            + (negated ? " not in {" : " in {")
            + String.join(
                ", ",
                values.stream().sorted().distinct().map(RandomExpressions::canonical).toList())
            + "}";
    return new Sample(
        text.toString(),
        canonical,
        false,
        labels -> negated != (labels.containsKey(label) && values.contains(labels.get(label))));
  }

  private Sample not(Sample operand) {
    boolean group = operand.text().strip().contains("&&") || operand.text().contains("||");
    boolean negation = operand.canonical().startsWith("!");
    String inner =
        group || negation || random.nextInt(4) == 0 ? "(" + operand.text() + ")" : operand.text();
    int more = 2 * random.nextInt(2);
    return new Sample(
        "!".repeat(1 + more) + gap() + inner,
        "!" + operand.canonical(),
        operand.doubled() || negation,
        labels -> !operand.meaning().of(labels));
  }

  private Sample group(int depth, String operator) {
    List<Sample> operands = new ArrayList<>();
    for (int i = 2 + random.nextInt(3); i > 0; i--) {
      operands.add(sample(depth - 1));
    }
    List<String> texts = new ArrayList<>();
    for (Sample operand : operands) {
      boolean group = operand.text().contains("&&") || operand.text().contains("||");
      texts.add(group || random.nextInt(5) == 0 ? "(" + operand.text() + ")" : operand.text());
    }
    boolean and = operator.equals("&&");
    return new Sample(
        String.join(gap() + operator + gap(), texts),
        "("
            + String.join(" " + operator + " ", operands.stream().map(Sample::canonical).toList())
            + ")",
        operands.stream().anyMatch(Sample::doubled),
        labels -> {
          long matching = operands.stream().filter(o -> o.meaning().of(labels)).count();
          return and ? matching == operands.size() : matching > 0;
        });
  }

  private String quoted(String value) {
    boolean doubleQuoted = value.contains("'") || (!value.contains("\"") && random.nextBoolean());
    return doubleQuoted ? "\"" + value + "\"" : "'" + value + "'";
  }

  private static String canonical(String value) {
    return value.contains("\"") ? "'" + value + "'" : "\"" + value + "\"";
  }

  private String gap() {
    return random.nextInt(3) == 0 ? blank() : "";
  }

  private String blank() {
    return pick(List.of(" ", "\t", "  ", " \t "));
  }

  private <T> T pick(List<T> some) {
    return some.get(random.nextInt(some.size()));
  }
}
