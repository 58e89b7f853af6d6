package io.portolan.policy.select;

import java.util.Map;

/** The namespaces a query reaches into. */
public sealed interface NamespaceScope {

  boolean includes(String namespace, Map<String, String> namespaceLabels);

  String text();

  /** One namespace by name. */
  record Only(String namespace) implements NamespaceScope {
    @Override
    public boolean includes(String name, Map<String, String> namespaceLabels) {
      return namespace.equals(name);
    }

    @Override
    public String text() {
      return namespace;
    }
  }

  /** Every namespace whose labels match. */
  record Matching(Selector selector) implements NamespaceScope {
    @Override
    public boolean includes(String name, Map<String, String> namespaceLabels) {
      return selector.matches(namespaceLabels);
    }

    @Override
    public String text() {
      return "(" + selector.text() + ")";
    }
  }
}
