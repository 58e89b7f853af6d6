package io.portolan.common.select.expression;

import io.portolan.common.select.expression.Expression.Comparison;
import java.util.ArrayList;
import java.util.List;

/**
 * Parses selectors by recursive descent: {@code !} binds tighter than {@code &&}, and that tighter
 * than {@code ||}. A text of nothing but blanks is {@code all()}.
 *
 * <p>The language and every corner of it are Calico's (libcalico-go, {@code lib/selector}). Calico
 * sets no limits of its own but those of its API (1024 characters); the ones here are beyond what
 * that admits, and keep a hostile text from exhausting stack or memory.
 */
public final class ExpressionParser {
  /** Of a text, in UTF-16 units. */
  public static final int MAX_LENGTH = 1 << 20;

  /** Of parentheses inside each other. */
  public static final int MAX_DEPTH = 512;

  private static final String TERM = "a label, has(, all(), global(), '!' or '('";
  private static final String OPERATOR =
      "an operator (==, !=, in, not in, contains, starts with, ends with)";

  private final Tokenizer tokens;
  private int depth;

  private ExpressionParser(Tokenizer tokens) {
    this.tokens = tokens;
  }

  public static Parsed parse(String text) {
    if (text.length() > MAX_LENGTH) {
      return new Parsed.Invalid(
          MAX_LENGTH + 1, "expected at most " + MAX_LENGTH + " characters, found " + text.length());
    }
    try {
      return new Parsed.Valid(new ExpressionParser(new Tokenizer(text)).whole());
    } catch (SyntaxError e) {
      return new Parsed.Invalid(text.codePointCount(0, e.offset()) + 1, "" + e.getMessage());
    }
  }

  private Expression whole() throws SyntaxError {
    if (tokens.kind() == Token.END) {
      return new Expression.All();
    }
    Expression expression = disjunction();
    if (tokens.kind() != Token.END) {
      throw unexpected("'&&', '||' or the end");
    }
    return expression;
  }

  private Expression disjunction() throws SyntaxError {
    Expression first = conjunction();
    if (tokens.kind() != Token.OR) {
      return first;
    }
    List<Expression> operands = new ArrayList<>();
    operands.add(first);
    while (tokens.kind() == Token.OR) {
      tokens.advance();
      operands.add(conjunction());
    }
    return new Expression.Or(operands);
  }

  private Expression conjunction() throws SyntaxError {
    Expression first = negation();
    if (tokens.kind() != Token.AND) {
      return first;
    }
    List<Expression> operands = new ArrayList<>();
    operands.add(first);
    while (tokens.kind() == Token.AND) {
      tokens.advance();
      operands.add(negation());
    }
    return new Expression.And(operands);
  }

  private Expression negation() throws SyntaxError {
    boolean negated = false;
    while (tokens.kind() == Token.NOT) {
      negated = !negated;
      tokens.advance();
    }
    Expression operand;
    if (tokens.kind() == Token.LEFT_PARENTHESIS) {
      open();
      operand = disjunction();
      close();
    } else {
      operand = term();
    }
    return negated ? new Expression.Not(operand) : operand;
  }

  private void open() throws SyntaxError {
    if (++depth > MAX_DEPTH) {
      throw new SyntaxError(
          tokens.start(), "expected at most " + MAX_DEPTH + " parentheses inside each other");
    }
    tokens.advance();
  }

  private void close() throws SyntaxError {
    if (tokens.kind() != Token.RIGHT_PARENTHESIS) {
      throw unexpected("'&&', '||' or ')'");
    }
    tokens.advance();
    depth--;
  }

  private Expression term() throws SyntaxError {
    return switch (tokens.kind()) {
      case LABEL -> comparison();
      case HAS -> {
        tokens.advance();
        String label = take(Token.LABEL, " after 'has('");
        take(Token.RIGHT_PARENTHESIS, " after the label of has(");
        yield new Expression.Has(label);
      }
      case ALL -> {
        tokens.advance();
        take(Token.RIGHT_PARENTHESIS, " after 'all('");
        yield new Expression.All();
      }
      case GLOBAL -> {
        tokens.advance();
        take(Token.RIGHT_PARENTHESIS, " after 'global('");
        yield new Expression.Global();
      }
      case STRING,
          EQUAL,
          NOT_EQUAL,
          CONTAINS,
          STARTS_WITH,
          ENDS_WITH,
          IN,
          NOT_IN,
          NOT,
          AND,
          OR,
          LEFT_BRACE,
          RIGHT_BRACE,
          COMMA,
          LEFT_PARENTHESIS,
          RIGHT_PARENTHESIS,
          END,
          OTHER ->
          throw unexpected(TERM);
    };
  }

  private Expression comparison() throws SyntaxError {
    String label = tokens.value();
    tokens.advance();
    Token operator = tokens.kind();
    return switch (operator) {
      case EQUAL -> compare(label, operator, Comparison.EQUAL);
      case NOT_EQUAL -> compare(label, operator, Comparison.NOT_EQUAL);
      case CONTAINS -> compare(label, operator, Comparison.CONTAINS);
      case STARTS_WITH -> compare(label, operator, Comparison.STARTS_WITH);
      case ENDS_WITH -> compare(label, operator, Comparison.ENDS_WITH);
      case IN, NOT_IN -> member(label, operator);
      case LABEL,
          STRING,
          NOT,
          AND,
          OR,
          LEFT_BRACE,
          RIGHT_BRACE,
          COMMA,
          LEFT_PARENTHESIS,
          RIGHT_PARENTHESIS,
          HAS,
          ALL,
          GLOBAL,
          END,
          OTHER ->
          throw unexpected(OPERATOR + " after a label");
    };
  }

  private Expression compare(String label, Token operator, Comparison comparison)
      throws SyntaxError {
    tokens.advance();
    return new Expression.Compare(
        label, comparison, take(Token.STRING, " after " + operator.text()));
  }

  private Expression member(String label, Token operator) throws SyntaxError {
    tokens.advance();
    take(Token.LEFT_BRACE, " after " + operator.text());
    List<String> values = new ArrayList<>();
    while (tokens.kind() == Token.STRING) {
      values.add(tokens.value());
      tokens.advance();
      if (tokens.kind() == Token.RIGHT_BRACE) {
        break;
      }
      if (tokens.kind() != Token.COMMA) {
        throw unexpected("',' or '}' after a value of the set");
      }
      tokens.advance();
    }
    if (tokens.kind() != Token.RIGHT_BRACE) {
      throw unexpected("a quoted string or '}' in the set");
    }
    tokens.advance();
    return new Expression.Member(label, operator == Token.NOT_IN, values);
  }

  private String take(Token kind, String where) throws SyntaxError {
    if (tokens.kind() != kind) {
      throw unexpected(kind.text() + where);
    }
    String value = tokens.value();
    tokens.advance();
    return value;
  }

  private SyntaxError unexpected(String expected) {
    return new SyntaxError(tokens.start(), "expected " + expected + ", found " + tokens.found());
  }
}
