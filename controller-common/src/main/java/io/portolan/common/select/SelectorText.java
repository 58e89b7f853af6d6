package io.portolan.common.select;

import java.util.Collection;
import java.util.List;

/** The one spelling of a {@link Selector}; no two different ones have the same. */
final class SelectorText {
  private SelectorText() {}

  static String of(Selector selector) {
    StringBuilder text = new StringBuilder();
    append(text, selector);
    return text.toString();
  }

  private static void append(StringBuilder text, Selector selector) {
    switch (selector) {
      case Selector.All _, Selector.None _, Selector.Has _ -> text.append(selector.text());
      case Selector.In in -> in(text, in, "==", "in");
      case Selector.Part part -> {
        text.append(part.key())
            .append(
                switch (part.place()) {
                  case ANYWHERE -> " contains ";
                  case START -> " starts with ";
                  case END -> " ends with ";
                });
        quote(text, part.part());
      }
      case Selector.Not(Selector.In in) -> in(text, in, "!=", "not in");
      case Selector.Not(Selector operand) -> {
        text.append('!');
        operand(text, operand);
      }
      case Selector.And and -> group(text, and.operands(), " && ");
      case Selector.Or or -> group(text, or.operands(), " || ");
    }
  }

  private static void in(StringBuilder text, Selector.In in, String one, String several) {
    text.append(in.key()).append(' ');
    if (in.values().size() == 1) {
      quote(text.append(one).append(' '), in.values().first());
    } else {
      values(text.append(several).append(' '), in.values());
    }
  }

  private static void values(StringBuilder text, Collection<String> values) {
    String separator = "{";
    for (String value : values) {
      quote(text.append(separator), value);
      separator = ", ";
    }
    text.append('}');
  }

  private static void group(StringBuilder text, List<Selector> operands, String operator) {
    String separator = "";
    for (Selector operand : operands) {
      operand(text.append(separator), operand);
      separator = operator;
    }
  }

  private static void operand(StringBuilder text, Selector operand) {
    if (operand instanceof Selector.And || operand instanceof Selector.Or) {
      text.append('(');
      append(text, operand);
      text.append(')');
    } else {
      append(text, operand);
    }
  }

  /**
   * Single quotes, or double ones around a value with a single one. The language cannot say a value
   * that has both, and the API server admits neither in a label; should one come nevertheless, it
   * is spelled in pieces ({@code 'a"' "'" 'b'}), and so like nothing else.
   */
  private static void quote(StringBuilder text, String value) {
    if (value.indexOf('\'') < 0) {
      text.append('\'').append(value).append('\'');
    } else if (value.indexOf('"') < 0) {
      text.append('"').append(value).append('"');
    } else {
      text.append('\'').append(value.replace("'", "' \"'\" '")).append('\'');
    }
  }
}
