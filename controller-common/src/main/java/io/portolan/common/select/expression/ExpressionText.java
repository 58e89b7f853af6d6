package io.portolan.common.select.expression;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/** Calico's canonical spelling of an expression, and the id that follows from it. */
final class ExpressionText {
  private ExpressionText() {}

  static String of(Expression expression) {
    StringBuilder text = new StringBuilder();
    append(text, expression);
    return text.toString();
  }

  /** {@code s:} + base64url without padding of SHA-224 of {@code s:} + the canonical spelling. */
  static String id(String canonical) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-224")
              .digest(("s:" + canonical).getBytes(StandardCharsets.UTF_8));
      return "s:" + Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-224", e);
    }
  }

  private static void append(StringBuilder text, Expression expression) {
    switch (expression) {
      case Expression.All _ -> text.append("all()");
      case Expression.Global _ -> text.append("global()");
      case Expression.Has has -> text.append("has(").append(has.label()).append(')');
      case Expression.Compare compare -> {
        text.append(compare.label()).append(' ').append(compare.comparison().text()).append(' ');
        quote(text, compare.value());
      }
      case Expression.Member member -> append(text, member);
      case Expression.Not not -> {
        text.append('!');
        append(text, not.operand());
      }
      case Expression.And and -> group(text, and.operands(), " && ");
      case Expression.Or or -> group(text, or.operands(), " || ");
    }
  }

  private static void append(StringBuilder text, Expression.Member member) {
    text.append(member.label()).append(member.negated() ? " not in {" : " in {");
    String separator = "";
    for (String value : member.values()) {
      text.append(separator);
      quote(text, value);
      separator = ", ";
    }
    text.append('}');
  }

  private static void group(StringBuilder text, List<Expression> operands, String operator) {
    String separator = "(";
    for (Expression operand : operands) {
      text.append(separator);
      append(text, operand);
      separator = operator;
    }
    text.append(')');
  }

  /** The language has no escapes, so a parsed value holds at most one kind of quote. */
  private static void quote(StringBuilder text, String value) {
    char quote = value.indexOf('"') < 0 ? '"' : '\'';
    text.append(quote).append(value).append(quote);
  }
}
