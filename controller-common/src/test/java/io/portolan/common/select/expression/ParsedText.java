package io.portolan.common.select.expression;

/** What a text is parsed as, for comparison. */
final class ParsedText {
  private ParsedText() {}

  /** The canonical spelling, or the message. */
  static String of(String text) {
    return switch (ExpressionParser.parse(text)) {
      case Parsed.Valid(Expression expression) -> expression.canonical();
      case Parsed.Invalid invalid -> invalid.message();
    };
  }

  static Expression valid(String text) {
    return switch (ExpressionParser.parse(text)) {
      case Parsed.Valid(Expression expression) -> expression;
      case Parsed.Invalid invalid ->
          throw new AssertionError(invalid.message() + " in: %.300s".formatted(text));
    };
  }
}
