package io.portolan.policy.cases;

import io.portolan.common.select.expression.ExpressionParser;
import io.portolan.common.select.expression.Parsed;
import java.util.Map;
import java.util.Optional;

/**
 * What a text is as a selector, and whether labels satisfy it.
 *
 * @param match false if it is no selector
 * @param canonical Calico's spelling; empty if it is no selector
 * @param error with the column; empty if it is a selector
 */
public record SelectorAnswer(
    String selector,
    Map<String, String> labels,
    boolean match,
    Optional<String> canonical,
    Optional<String> error) {

  public boolean valid() {
    return error.isEmpty();
  }

  public static SelectorAnswer of(String selector, Map<String, String> labels) {
    return switch (ExpressionParser.parse(selector)) {
      case Parsed.Valid(var expression) ->
          new SelectorAnswer(
              selector,
              labels,
              expression.matches(labels),
              Optional.of(expression.canonical()),
              Optional.empty());
      case Parsed.Invalid invalid ->
          new SelectorAnswer(
              selector, labels, false, Optional.empty(), Optional.of(invalid.message()));
    };
  }
}
