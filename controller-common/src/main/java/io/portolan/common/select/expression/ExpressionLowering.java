package io.portolan.common.select.expression;

import io.portolan.common.select.Selector;
import io.portolan.common.select.Selector.Part.Place;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns an expression into the selector that indexes and sets work with: negations pushed down to
 * the labels, groups flattened and sorted. Expressions that differ in grouping, order, repetition
 * or double negation become equal selectors, and those share one set with each other and with the
 * Kubernetes selectors that say the same.
 */
public final class ExpressionLowering {
  private ExpressionLowering() {}

  /** What {@code all()} and {@code global()} are: as conditions on labels both hold. */
  private record Constants(boolean all, boolean global) {}

  /** Matches the labels that the expression matches. */
  public static Selector lower(Expression expression) {
    return lower(expression, false, new Constants(true, true));
  }

  /** A namespace selector as a condition on namespaces: none of them is {@code global()}. */
  static Selector ofNamespaces(Expression expression) {
    return lower(expression, false, new Constants(true, false));
  }

  /**
   * A namespace selector as a condition on what is in no namespace: not in {@code all()} of them.
   */
  static Selector ofGlobal(Expression expression) {
    return lower(expression, false, new Constants(false, true));
  }

  private static Selector lower(Expression expression, boolean negated, Constants constants) {
    return switch (expression) {
      case Expression.All _ -> constant(constants.all() != negated);
      case Expression.Global _ -> constant(constants.global() != negated);
      case Expression.Has has -> signed(new Selector.Has(has.label()), negated);
      case Expression.Compare compare -> compare(compare, negated);
      case Expression.Member member ->
          member.values().isEmpty()
              ? constant(member.negated() != negated)
              : signed(Selector.in(member.label(), member.values()), member.negated() != negated);
      case Expression.Not not -> lower(not.operand(), !negated, constants);
      case Expression.And and ->
          negated
              ? Selector.or(lower(and.operands(), true, constants))
              : Selector.and(lower(and.operands(), false, constants));
      case Expression.Or or ->
          negated
              ? Selector.and(lower(or.operands(), true, constants))
              : Selector.or(lower(or.operands(), false, constants));
    };
  }

  private static List<Selector> lower(
      List<Expression> operands, boolean negated, Constants constants) {
    // A loop, not a stream: a deep expression needs little stack.
    List<Selector> lowered = new ArrayList<>(operands.size());
    for (Expression operand : operands) {
      lowered.add(lower(operand, negated, constants));
    }
    return lowered;
  }

  private static Selector compare(Expression.Compare compare, boolean negated) {
    String label = compare.label();
    String value = compare.value();
    return switch (compare.comparison()) {
      case EQUAL -> signed(Selector.in(label, List.of(value)), negated);
      case NOT_EQUAL -> signed(Selector.in(label, List.of(value)), !negated);
      case CONTAINS -> signed(new Selector.Part(label, Place.ANYWHERE, value), negated);
      case STARTS_WITH -> signed(new Selector.Part(label, Place.START, value), negated);
      case ENDS_WITH -> signed(new Selector.Part(label, Place.END, value), negated);
    };
  }

  private static Selector constant(boolean matches) {
    return matches ? Selector.ALL : Selector.NONE;
  }

  private static Selector signed(Selector selector, boolean negated) {
    return negated ? new Selector.Not(selector) : selector;
  }
}
