package io.portolan.common.select;

import java.util.Map;

/** The namespaces a query reaches into, and whether it reaches what is in none. */
public sealed interface NamespaceScope {

  boolean includes(String namespace, Map<String, String> namespaceLabels);

  /** Whether it reaches what is in no namespace: host endpoints and global network sets. */
  default boolean includesGlobal() {
    return false;
  }

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

  /**
   * What is in no namespace, and besides what is in the namespaces that match; {@link
   * Selector#NONE} for none of them, {@link Selector#ALL} for everything there is.
   */
  record GlobalAnd(Selector selector) implements NamespaceScope {
    @Override
    public boolean includes(String name, Map<String, String> namespaceLabels) {
      return selector.matches(namespaceLabels);
    }

    @Override
    public boolean includesGlobal() {
      return true;
    }

    @Override
    public String text() {
      return "(global() || " + selector.text() + ")";
    }
  }
}
