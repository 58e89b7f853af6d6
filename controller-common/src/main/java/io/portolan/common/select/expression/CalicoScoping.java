package io.portolan.common.select.expression;

import io.portolan.common.select.NamespaceScope;
import io.portolan.common.select.Selector;
import java.util.Map;
import java.util.Optional;

/**
 * Where the selectors of a Calico policy reach.
 *
 * <p>Endpoints carry their namespace's labels under the prefix {@code pcns.} (see {@link
 * EndpointLabels}), and a namespace selector is defined as that selector on prefixed labels. What
 * is in no namespace has none of them; hence {@code team != 'red'} takes host endpoints in, and
 * {@code all()} is read apart.
 */
public final class CalicoScoping {
  private CalicoScoping() {}

  /**
   * Of the source or destination of a rule: {@code all()} is every namespace, {@code global()} what
   * is in none. Only where the rule gives some selector at all, be it {@code notSelector}; without
   * any, its peer is every address.
   *
   * @param policyNamespace empty for a GlobalNetworkPolicy
   * @param namespaceSelector empty if the rule gives none
   */
  public static NamespaceScope ofPeer(
      Optional<String> policyNamespace, Optional<Expression> namespaceSelector) {
    return namespaceSelector.map(CalicoScoping::matching).orElseGet(() -> ofOwn(policyNamespace));
  }

  /**
   * Of what a policy applies to. Here {@code all()} takes in what is in no namespace.
   *
   * @param policyNamespace empty for a GlobalNetworkPolicy
   * @param namespaceSelector of a GlobalNetworkPolicy; empty if it gives none
   */
  public static NamespaceScope ofSubject(
      Optional<String> policyNamespace, Optional<Expression> namespaceSelector) {
    return namespaceSelector
        .<NamespaceScope>map(expression -> {
          Selector selector = ExpressionLowering.lower(expression);
          return selector.matches(Map.of())
              ? new NamespaceScope.GlobalAnd(selector)
              : new NamespaceScope.Matching(selector);
        })
        .orElseGet(() -> ofOwn(policyNamespace));
  }

  private static NamespaceScope ofOwn(Optional<String> policyNamespace) {
    return policyNamespace
        .<NamespaceScope>map(NamespaceScope.Only::new)
        .orElseGet(() -> new NamespaceScope.GlobalAnd(Selector.ALL));
  }

  private static NamespaceScope matching(Expression expression) {
    Selector selector = ExpressionLowering.ofNamespaces(expression);
    return ExpressionLowering.ofGlobal(expression).matches(Map.of())
        ? new NamespaceScope.GlobalAnd(selector)
        : new NamespaceScope.Matching(selector);
  }
}
