package io.portolan.policy.calico;

import io.portolan.common.select.NamespaceScope;
import io.portolan.common.select.PodQuery;
import io.portolan.common.select.Selector;
import io.portolan.common.select.expression.CalicoScoping;
import io.portolan.common.select.expression.EndpointLabels;
import io.portolan.common.select.expression.Expression;
import io.portolan.common.select.expression.ExpressionLowering;
import io.portolan.policy.model.NotUnderstoodException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whom a policy is about.
 *
 * <p>A selector that is not understood is left out, so that the query finds whom the policy may be
 * meant for: of a NetworkPolicy at most its namespace. A GlobalNetworkPolicy of which no selector
 * is understood finds nobody: that it may be meant for the whole cluster is no reason to cut it
 * off. Calico itself takes such an object for none at all.
 *
 * @param understood whether the query finds exactly whom it is meant for
 */
record Subject(PodQuery query, boolean understood) {
  private static final PodQuery NOBODY =
      new PodQuery(
          new NamespaceScope.Matching(Selector.NONE), Selector.NONE, PodQuery.View.INHERITED);

  /** Of a GlobalNetworkPolicy of which nothing is understood. */
  static final Subject UNKNOWN = new Subject(NOBODY, false);

  private interface Reading {
    Optional<Expression> read() throws NotUnderstoodException;
  }

  /**
   * @param policyNamespace empty for a GlobalNetworkPolicy
   * @param problems takes what is not understood
   */
  static Subject read(Optional<String> policyNamespace, Fields spec, List<String> problems) {
    int before = problems.size();
    Optional<Expression> pods = part(() -> Expressions.onLabels(spec, "selector"), problems);
    Optional<Expression> accounts =
        part(() -> Expressions.onLabels(spec, "serviceAccountSelector"), problems);
    Optional<Expression> namespaces =
        policyNamespace.isPresent()
            ? Optional.empty()
            : part(() -> Expressions.onLabels(spec, "namespaceSelector"), problems);
    boolean understood = problems.size() == before;
    boolean narrowed =
        policyNamespace.isPresent()
            || pods.isPresent()
            || accounts.isPresent()
            || namespaces.isPresent();
    if (!understood && !narrowed) {
      problems.add(spec.path("selector") + ": selects nobody, as no selector is understood");
      return UNKNOWN;
    }
    if (!understood) {
      problems.add(
          spec.path("selector")
              + ": selects all that it may be meant for, and allows nothing, until all selectors"
              + " are understood");
    }
    List<Selector> all = new ArrayList<>();
    pods.map(ExpressionLowering::lower).ifPresent(all::add);
    accounts
        .map(expression -> expression.prefixed(EndpointLabels.SERVICE_ACCOUNT_PREFIX))
        .map(ExpressionLowering::lower)
        .ifPresent(all::add);
    return new Subject(
        new PodQuery(
            CalicoScoping.ofSubject(policyNamespace, namespaces),
            Selector.and(all),
            PodQuery.View.INHERITED),
        understood);
  }

  private static Optional<Expression> part(Reading reading, List<String> problems) {
    try {
      return reading.read();
    } catch (NotUnderstoodException e) {
      problems.add("" + e.getMessage());
      return Optional.empty();
    }
  }
}
