package io.portolan.common.select.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.select.LabelRestrictions;
import io.portolan.common.select.LabelRestrictions.Restriction;
import io.portolan.common.select.Selector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RandomExpressionsTest {
  private static final int SAMPLES = 20_000;

  private final long seed = Long.getLong("portolan.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final RandomExpressions expressions = new RandomExpressions(random);

  @Test
  void meansAndIsSpelledAsASecondReadingSays() {
    for (int i = 0; i < SAMPLES; i++) {
      var sample = expressions.sample(random.nextInt(5));
      Expression expression = ParsedText.valid(sample.text());
      assertThat(expression.canonical())
          .as("seed %d, sample %d: %s", seed, i, sample.text())
          .isEqualTo(sample.canonical());
      Expression again = ParsedText.valid(expression.canonical());
      String fixed = again.canonical();
      if (!sample.doubled()) {
        assertThat(again).as("seed %d, sample %d", seed, i).isEqualTo(expression);
      }
      assertThat(ParsedText.of(fixed)).as("seed %d, sample %d", seed, i).isEqualTo(fixed);
      Selector lowered = ExpressionLowering.lower(expression);
      for (int j = 0; j < 8; j++) {
        Map<String, String> labels = expressions.labels();
        boolean expected = sample.meaning().of(labels);
        assertThat(
                Map.of(
                    "parsed", expression.matches(labels),
                    "again", again.matches(labels),
                    "lowered", lowered.matches(labels)))
            .as("seed %d, sample %d: %s on %s", seed, i, sample.text(), labels)
            .isEqualTo(Map.of("parsed", expected, "again", expected, "lowered", expected));
      }
    }
  }

  @Test
  void restrictionsHoldWhereverASelectorMatches() {
    for (int i = 0; i < SAMPLES; i++) {
      var sample = expressions.sample(random.nextInt(4));
      Selector selector = ExpressionLowering.lower(ParsedText.valid(sample.text()));
      LabelRestrictions restrictions = LabelRestrictions.of(selector);
      for (int j = 0; j < 8; j++) {
        Map<String, String> labels = expressions.labels();
        if (sample.meaning().of(labels)) {
          assertThat(restrictions.satisfiable() && allow(restrictions, labels))
              .as("seed %d, sample %d: %s on %s: %s", seed, i, selector, labels, restrictions)
              .isTrue();
        }
      }
    }
  }

  private static boolean allow(LabelRestrictions restrictions, Map<String, String> labels) {
    return restrictions.byLabel().entrySet().stream()
        .allMatch(entry ->
            labels.containsKey(entry.getKey())
                && switch (entry.getValue()) {
                  case Restriction.Present() -> true;
                  case Restriction.OneOf(var values) -> values.contains(labels.get(entry.getKey()));
                });
  }

  /** A set in the kernel is named after the spelling: two selectors must not share one. */
  @Test
  void equalSelectorsAreThoseThatAreSpelledAlike() {
    Map<String, Selector> byText = new HashMap<>();
    for (int i = 0; i < SAMPLES; i++) {
      Selector selector =
          ExpressionLowering.lower(ParsedText.valid(expressions.sample(random.nextInt(3)).text()));
      Selector known = byText.putIfAbsent(selector.text(), selector);
      if (known != null) {
        assertThat(known).as("seed %d", seed).isEqualTo(selector).hasSameHashCodeAs(selector);
      }
    }
    assertThat(byText.values()).doesNotHaveDuplicates();
  }

  /** The same, where it is close: all small groups of few labels. */
  @Test
  void selectorsSpelledAlikeMeanTheSame() {
    List<Selector> leaves = new ArrayList<>();
    List.of("a", "b", "c").forEach(label -> leaves.add(new Selector.Has(label)));
    List<Selector> small = pairs(leaves);
    Map<String, Selector> byText = new HashMap<>();
    for (Selector selector : pairs(small)) {
      Selector known = byText.putIfAbsent(selector.text(), selector);
      if (known != null) {
        assertThat(known).isEqualTo(selector);
      }
    }
    assertThat(byText.values()).doesNotHaveDuplicates().hasSizeGreaterThan(50);
  }

  private static List<Selector> pairs(List<Selector> some) {
    List<Selector> pairs = new ArrayList<>(some);
    for (Selector a : some) {
      for (Selector b : some) {
        pairs.add(Selector.and(List.of(a, b)));
        pairs.add(Selector.or(List.of(a, b)));
      }
    }
    return pairs;
  }
}
