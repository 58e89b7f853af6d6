package io.portolan.common.select.expression;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * A parsed selector, grouped as it was written. {@link #canonical()} is its spelling in Calico,
 * character by character, so that {@link #id()} is the id that Calico gives it; two spellings of
 * one meaning may therefore differ. What shares sets by meaning is the lowered form ({@link
 * ExpressionLowering}).
 */
public sealed interface Expression {
  /** Whether labels satisfy it; a label that is absent equals nothing and is in no set. */
  boolean matches(Map<String, String> labels);

  /**
   * Calico's spelling: double quotes unless the value has one in it, sorted sets, parentheses
   * around every conjunction and disjunction.
   *
   * <p>Parsing it gives an equal expression, but for {@code !(!x)}, which is spelled {@code !!x}
   * and then parsed as {@code x}.
   */
  default String canonical() {
    return ExpressionText.of(this);
  }

  /** {@code s:} and 38 characters; what Calico calls the selector's unique id. */
  default String id() {
    return ExpressionText.id(canonical());
  }

  /** The same condition on labels whose names begin with a prefix, such as {@code pcns.}. */
  Expression prefixed(String prefix);

  /** {@code all()}. */
  record All() implements Expression {
    @Override
    public boolean matches(Map<String, String> labels) {
      return true;
    }

    @Override
    public Expression prefixed(String prefix) {
      return this;
    }
  }

  /**
   * {@code global()}: as a namespace selector, what is in no namespace. On labels it says nothing
   * and matches.
   */
  record Global() implements Expression {
    @Override
    public boolean matches(Map<String, String> labels) {
      return true;
    }

    @Override
    public Expression prefixed(String prefix) {
      return this;
    }
  }

  /** {@code has(label)}. */
  record Has(String label) implements Expression {
    @Override
    public boolean matches(Map<String, String> labels) {
      return labels.containsKey(label);
    }

    @Override
    public Expression prefixed(String prefix) {
      return new Has(prefix + label);
    }
  }

  /** How a label's value is compared with a text. */
  enum Comparison {
    EQUAL("=="),
    NOT_EQUAL("!="),
    CONTAINS("contains"),
    STARTS_WITH("starts with"),
    ENDS_WITH("ends with");

    private final String text;

    Comparison(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  /** {@code label == 'value'} and its kin; only {@code !=} holds for an absent label. */
  record Compare(String label, Comparison comparison, String value) implements Expression {
    @Override
    public boolean matches(Map<String, String> labels) {
      String actual = labels.get(label);
      if (actual == null) {
        return comparison == Comparison.NOT_EQUAL;
      }
      return switch (comparison) {
        case EQUAL -> actual.equals(value);
        case NOT_EQUAL -> !actual.equals(value);
        case CONTAINS -> actual.contains(value);
        case STARTS_WITH -> actual.startsWith(value);
        case ENDS_WITH -> actual.endsWith(value);
      };
    }

    @Override
    public Expression prefixed(String prefix) {
      return new Compare(prefix + label, comparison, value);
    }
  }

  /**
   * {@code label in {…}}, {@code label not in {…}}. An absent label is in no set, and nothing is in
   * the empty one.
   *
   * @param values made sorted by code point (as their UTF-8 is) and free of repetition
   */
  record Member(String label, boolean negated, List<String> values) implements Expression {
    private static final Comparator<String> BY_CODE_POINT = Member::byCodePoint;

    public Member {
      values = values.stream().sorted(BY_CODE_POINT).distinct().toList();
    }

    @Override
    public boolean matches(Map<String, String> labels) {
      String actual = labels.get(label);
      boolean in = actual != null && Collections.binarySearch(values, actual, BY_CODE_POINT) >= 0;
      return in != negated;
    }

    @Override
    public Expression prefixed(String prefix) {
      return new Member(prefix + label, negated, values);
    }

    /** As UTF-8 sorts: UTF-16 has the characters beyond U+FFFF before U+E000. */
    private static int byCodePoint(String a, String b) {
      int common = Math.min(a.length(), b.length());
      for (int i = 0; i < common; i++) {
        char left = a.charAt(i);
        char right = b.charAt(i);
        if (left != right) {
          int beyond = Boolean.compare(Character.isSurrogate(left), Character.isSurrogate(right));
          return beyond != 0 ? beyond : Character.compare(left, right);
        }
      }
      return Integer.compare(a.length(), b.length());
    }
  }

  /** {@code !operand}. */
  record Not(Expression operand) implements Expression {
    @Override
    public boolean matches(Map<String, String> labels) {
      return !operand.matches(labels);
    }

    @Override
    public Expression prefixed(String prefix) {
      return new Not(operand.prefixed(prefix));
    }
  }

  /**
   * {@code (a && b)}.
   *
   * @param operands at least two
   */
  record And(List<Expression> operands) implements Expression {
    public And {
      operands = atLeastTwo(operands);
    }

    @Override
    public boolean matches(Map<String, String> labels) {
      for (Expression operand : operands) {
        if (!operand.matches(labels)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public Expression prefixed(String prefix) {
      return new And(prefixedAll(operands, prefix));
    }
  }

  /**
   * {@code (a || b)}.
   *
   * @param operands at least two
   */
  record Or(List<Expression> operands) implements Expression {
    public Or {
      operands = atLeastTwo(operands);
    }

    @Override
    public boolean matches(Map<String, String> labels) {
      for (Expression operand : operands) {
        if (operand.matches(labels)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public Expression prefixed(String prefix) {
      return new Or(prefixedAll(operands, prefix));
    }
  }

  private static List<Expression> prefixedAll(List<Expression> operands, String prefix) {
    List<Expression> prefixed = new ArrayList<>(operands.size());
    for (Expression operand : operands) {
      prefixed.add(operand.prefixed(prefix));
    }
    return prefixed;
  }

  private static List<Expression> atLeastTwo(List<Expression> operands) {
    if (operands.size() < 2) {
      throw new IllegalArgumentException("&& and || have at least two operands");
    }
    return List.copyOf(operands);
  }
}
