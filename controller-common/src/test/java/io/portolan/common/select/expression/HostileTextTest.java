package io.portolan.common.select.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.select.LabelRestrictions;
import io.portolan.common.select.Selector;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the text, the answer is a selector or a message, within bounds. */
class HostileTextTest {
  private static final List<String> PIECES =
      List.of(
          "a",
          "has(",
          "all(",
          ")",
          "(",
          "!",
          "&&",
          "||",
          "==",
          "!=",
          "in",
          "not",
          "{",
          "}",
          "'",
          "\"",
          ",",
          " ",
          "\t",
          "\n",
          "starts",
          "with",
          "ends",
          "contains",
          "global(",
          "=",
          "&",
          "|",
          "\u0000",
          "é",
          "\uD83D\uDE00",
          "\uD800",
          "-",
          "x'y");

  @Test
  void randomBytesAreASelectorOrAMessage() {
    long seed = Long.getLong("portolan.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int i = 0; i < 200_000; i++) {
      String text;
      if (random.nextBoolean()) {
        byte[] bytes = new byte[random.nextInt(24)];
        random.nextBytes(bytes);
        text = new String(bytes, StandardCharsets.ISO_8859_1);
      } else {
        StringBuilder pieces = new StringBuilder();
        for (int j = random.nextInt(12); j > 0; j--) {
          pieces.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        text = pieces.toString();
      }
      switch (ExpressionParser.parse(text)) {
        case Parsed.Valid(Expression expression) -> {
          expression.matches(Map.of("a", "x"));
          ParsedText.valid(expression.canonical());
        }
        case Parsed.Invalid(int column, String problem) -> {
          assertThat(column)
              .as("seed %d, %s", seed, text)
              .isBetween(1, text.codePointCount(0, text.length()) + 1);
          assertThat(problem).as("seed %d, %s", seed, text).startsWith("expected ");
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"(", "!(", "has(a) && (", "has(a) || !(has(b) && ("})
  void depthIsBounded(String opening) {
    String endless = opening.repeat(ExpressionParser.MAX_LENGTH / opening.length());
    assertThat(ParsedText.of(endless))
        .endsWith("expected at most 512 parentheses inside each other");
  }

  @Test
  void theDeepestNeedsLittleStack() throws InterruptedException {
    String text =
        "(a == 'x' && !(b == 'y' || ".repeat(ExpressionParser.MAX_DEPTH / 2)
            + "has(c)"
            + "))".repeat(ExpressionParser.MAX_DEPTH / 2);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread thread =
        new Thread(
            null,
            () -> {
              Expression expression = ParsedText.valid(text);
              Selector lowered = ExpressionLowering.lower(expression);
              Selector again = ExpressionLowering.lower(ParsedText.valid(expression.canonical()));
              expression.prefixed("pcns.").matches(Map.of());
              lowered.matches(Map.of("b", "y"));
              LabelRestrictions.of(lowered);
              assertThat(again).isEqualTo(lowered).hasSameHashCodeAs(lowered);
              assertThat(lowered.text()).isEqualTo(again.text());
            },
            "shallow",
            512 << 10);
    thread.setUncaughtExceptionHandler((_, e) -> thrown.set(e));
    thread.start();
    thread.join();
    assertThat(thrown.get()).isNull();
  }

  @Test
  void oneBeyondTheDepthIsTooMuch() {
    int depth = ExpressionParser.MAX_DEPTH;
    assertThat(ParsedText.of("(".repeat(depth) + "has(a)" + ")".repeat(depth))).isEqualTo("has(a)");
    assertThat(ParsedText.of("(".repeat(depth + 1) + "has(a)" + ")".repeat(depth + 1)))
        .isEqualTo("column 513: expected at most 512 parentheses inside each other");
  }

  @Test
  void groupsSideBySideAreNotDepth() {
    String text = "(has(a)) || ".repeat(10_000) + "(has(a))";
    assertThat(ExpressionLowering.lower(ParsedText.valid(text)).text()).isEqualTo("has(a)");
  }

  @Test
  void negationsInARowAreNotDepth() {
    assertThat(ParsedText.of("!".repeat(1_000_001) + "has(a)")).isEqualTo("!has(a)");
  }

  @Test
  void aMebibyteIsParsedAndNoMore() {
    StringBuilder wide = new StringBuilder("k in {");
    for (int i = 0; wide.length() < ExpressionParser.MAX_LENGTH - 20; i++) {
      wide.append('\'').append(i * 7919L % 1_000_003).append("', ");
    }
    wide.append('}').append(" ".repeat(ExpressionParser.MAX_LENGTH - wide.length()));
    Expression expression = ParsedText.valid(wide.toString());
    assertThat(expression.matches(Map.of("k", "7919"))).isTrue();
    assertThat(ParsedText.valid(expression.canonical())).isEqualTo(expression);
    assertThat(ParsedText.of(wide + " "))
        .isEqualTo("column 1048577: expected at most 1048576 characters, found 1048577");
  }

  @Test
  void aMebibyteOfOperandsIsLowered() {
    StringBuilder wide = new StringBuilder();
    for (int i = 0; wide.length() < ExpressionParser.MAX_LENGTH - 100; i++) {
      wide.append("k").append(i % 1000).append(" == '").append(i).append("' && has(x) || ");
    }
    wide.append("has(x)");
    Selector selector = ExpressionLowering.lower(ParsedText.valid(wide.toString()));
    assertThat(selector.matches(Map.of("x", ""))).isTrue();
    assertThat(selector.matches(Map.of("k1", "1"))).isFalse();
    assertThat(LabelRestrictions.of(selector).byLabel().keySet()).containsExactly("x");
  }
}
