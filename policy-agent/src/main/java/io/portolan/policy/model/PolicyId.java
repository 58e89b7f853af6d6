package io.portolan.policy.model;

import java.util.Comparator;

/**
 * Which object of the API a policy is.
 *
 * @param namespace empty for a kind that is in none
 */
public record PolicyId(Kind kind, String namespace, String name) implements Comparable<PolicyId> {
  private static final Comparator<PolicyId> ORDER =
      Comparator.comparing(PolicyId::kind)
          .thenComparing(PolicyId::namespace)
          .thenComparing(PolicyId::name);

  /**
   * The kinds of policy, each with a short form for names in the kernel; in the order of their
   * names in Calico (KubernetesNetworkPolicy, NetworkPolicy), which decides where all else is
   * equal.
   */
  public enum Kind {
    /** networking.k8s.io/v1 NetworkPolicy. */
    NETWORK_POLICY("np", "NetworkPolicy"),

    /** policy.networking.k8s.io ClusterNetworkPolicy, in no namespace. */
    CLUSTER_NETWORK_POLICY("cnp", "ClusterNetworkPolicy"),

    /** projectcalico.org/v3 NetworkPolicy. */
    CALICO_NETWORK_POLICY("calico", "NetworkPolicy"),

    /** projectcalico.org/v3 GlobalNetworkPolicy. */
    CALICO_GLOBAL("gnp", "GlobalNetworkPolicy");

    private final String text;
    private final String api;

    Kind(String text, String api) {
      this.text = text;
      this.api = api;
    }

    /** The {@code kind} of its objects; two groups have a NetworkPolicy. */
    public String api() {
      return api;
    }

    public String text() {
      return text;
    }
  }

  @Override
  public int compareTo(PolicyId other) {
    return ORDER.compare(this, other);
  }

  /** {@code NetworkPolicy default/allow-web}, for people; Calico's says so. */
  public String described() {
    return (kind == Kind.CALICO_NETWORK_POLICY ? "Calico " : "")
        + kind.api()
        + " "
        + (namespace.isEmpty() ? "" : namespace + "/")
        + name;
  }

  /** {@code np/default/allow-web}, or {@code cnp/no-metadata} where there is no namespace. */
  @Override
  public String toString() {
    return kind.text() + "/" + (namespace.isEmpty() ? "" : namespace + "/") + name;
  }
}
