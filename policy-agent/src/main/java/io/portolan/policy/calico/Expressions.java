package io.portolan.policy.calico;

import io.portolan.common.select.expression.Expression;
import io.portolan.common.select.expression.ExpressionParser;
import io.portolan.common.select.expression.Parsed;
import io.portolan.policy.model.NotUnderstoodException;
import java.util.Optional;

/** Selectors in fields. */
final class Expressions {
  private Expressions() {}

  /** A selector on endpoints or service accounts; empty for a missing or empty field. */
  static Optional<Expression> onLabels(Fields fields, String field) throws NotUnderstoodException {
    Optional<Expression> expression = onNamespaces(fields, field);
    if (expression.filter(Expressions::saysGlobal).isPresent()) {
      throw fields.problem(field, "global() belongs in the namespaceSelector of a rule's peer");
    }
    return expression;
  }

  /** A namespace selector of a peer, where {@code global()} has a meaning. */
  static Optional<Expression> onNamespaces(Fields fields, String field)
      throws NotUnderstoodException {
    String text = fields.text(field);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    return switch (ExpressionParser.parse(text)) {
      case Parsed.Valid(Expression expression) -> Optional.of(expression);
      case Parsed.Invalid invalid -> throw fields.problem(field, invalid.message());
    };
  }

  private static boolean saysGlobal(Expression expression) {
    return switch (expression) {
      case Expression.Global _ -> true;
      case Expression.All _, Expression.Has _, Expression.Compare _, Expression.Member _ -> false;
      case Expression.Not not -> saysGlobal(not.operand());
      case Expression.And and -> and.operands().stream().anyMatch(Expressions::saysGlobal);
      case Expression.Or or -> or.operands().stream().anyMatch(Expressions::saysGlobal);
    };
  }
}
