package io.portolan.common.select.expression;

import java.util.HashMap;
import java.util.Map;

/**
 * The labels that Calico's selectors see: a pod's own, what it inherits from its namespace and its
 * service account, and what says where it comes from.
 */
public final class EndpointLabels {
  /** Before the labels of the namespace. */
  public static final String NAMESPACE_PREFIX = "pcns.";

  /** Before the labels of the service account. */
  public static final String SERVICE_ACCOUNT_PREFIX = "pcsa.";

  public static final String NAMESPACE = "projectcalico.org/namespace";
  public static final String ORCHESTRATOR = "projectcalico.org/orchestrator";
  public static final String SERVICE_ACCOUNT = "projectcalico.org/serviceaccount";
  public static final String NAME = "projectcalico.org/name";

  /** A longer name is no label value; such a service account is found by its labels only. */
  private static final int SERVICE_ACCOUNT_BELOW = 63;

  private EndpointLabels() {}

  /**
   * Of a namespace, and of a service account: its own and its name.
   *
   * @param own the object's {@code metadata.labels}
   */
  public static Map<String, String> named(String name, Map<String, String> own) {
    Map<String, String> labels = new HashMap<>(own);
    labels.put(NAME, name);
    return Map.copyOf(labels);
  }

  /** Of a network set in a namespace; what is in none has only its own. */
  public static Map<String, String> ofNetworkSet(
      Map<String, String> own, String namespace, Map<String, String> ofNamespace) {
    Map<String, String> labels = new HashMap<>();
    named(namespace, ofNamespace).forEach((k, v) -> labels.put(NAMESPACE_PREFIX + k, v));
    labels.putAll(own);
    labels.put(NAMESPACE, namespace);
    return Map.copyOf(labels);
  }

  /**
   * Of a pod. Its own labels come first where a name is used twice, but for those that say where it
   * comes from.
   *
   * @param serviceAccount its name, empty if the pod has none
   */
  public static Map<String, String> ofPod(
      Map<String, String> own,
      String namespace,
      Map<String, String> namespaceLabels,
      String serviceAccount,
      Map<String, String> serviceAccountLabels) {
    Map<String, String> labels = new HashMap<>();
    named(namespace, namespaceLabels).forEach((k, v) -> labels.put(NAMESPACE_PREFIX + k, v));
    if (!serviceAccount.isEmpty()) {
      named(serviceAccount, serviceAccountLabels)
          .forEach((k, v) -> labels.put(SERVICE_ACCOUNT_PREFIX + k, v));
    }
    labels.putAll(own);
    labels.put(NAMESPACE, namespace);
    labels.put(ORCHESTRATOR, "k8s");
    if (!serviceAccount.isEmpty() && serviceAccount.length() < SERVICE_ACCOUNT_BELOW) {
      labels.put(SERVICE_ACCOUNT, serviceAccount);
    }
    return Map.copyOf(labels);
  }
}
