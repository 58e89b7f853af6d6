package io.portolan.policy.model;

import java.util.Comparator;

/** Namespace and name; two pods in a row may share it, their UIDs differ. */
public record PodName(String namespace, String name) implements Comparable<PodName> {
  private static final Comparator<PodName> ORDER =
      Comparator.comparing(PodName::namespace).thenComparing(PodName::name);

  @Override
  public int compareTo(PodName other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
