package io.portolan.policy.compile;

import io.portolan.common.select.NamespaceScope;
import io.portolan.common.select.PodQuery;
import io.portolan.common.select.expression.EndpointLabels;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.NetworkSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The namespaces and service accounts of the cluster: what pods get labels from. */
final class LabelSources {
  private final Map<String, Map<String, String>> namespaces = new HashMap<>();
  private final Map<AccountName, Map<String, String>> accounts = new HashMap<>();

  record AccountName(String namespace, String name) {
    boolean isOf(ClusterPod pod) {
      return pod.serviceAccount().equals(name) && pod.name().namespace().equals(namespace);
    }
  }

  boolean knows(String namespace) {
    return namespaces.containsKey(namespace);
  }

  Optional<Map<String, String>> namespace(String name) {
    return Optional.ofNullable(namespaces.get(name));
  }

  /** Empty takes it away. */
  void putNamespace(String name, Optional<Map<String, String>> labels) {
    labels.ifPresentOrElse(now -> namespaces.put(name, now), () -> namespaces.remove(name));
  }

  Optional<Map<String, String>> account(AccountName name) {
    return Optional.ofNullable(accounts.get(name));
  }

  /** Empty takes it away. */
  void putAccount(AccountName name, Optional<Map<String, String>> labels) {
    labels.ifPresentOrElse(now -> accounts.put(name, now), () -> accounts.remove(name));
  }

  /** What is not known yet contributes no labels. */
  PodView view(ClusterPod pod) {
    String namespace = pod.name().namespace();
    return new PodView(
        pod,
        namespaces.getOrDefault(namespace, Map.of()),
        accounts.getOrDefault(new AccountName(namespace, pod.serviceAccount()), Map.of()));
  }

  /** Empty if it is in a namespace that is not known. */
  Optional<NetworkView> view(NetworkSet set) {
    if (set.namespace().isEmpty()) {
      return Optional.of(new NetworkView("", Map.of(), set.labels()));
    }
    return namespace(set.namespace())
        .map(inherited ->
            new NetworkView(
                set.namespace(),
                EndpointLabels.named(set.namespace(), inherited),
                EndpointLabels.ofNetworkSet(set.labels(), set.namespace(), inherited)));
  }

  /** The known namespaces that a query reaches into. */
  List<String> reached(PodQuery query) {
    return switch (query.namespaces()) {
      case NamespaceScope.Only(String name) -> knows(name) ? List.of(name) : List.of();
      case NamespaceScope.Matching _, NamespaceScope.GlobalAnd _ ->
          namespaces.entrySet().stream()
              .filter(e ->
                  query
                      .namespaces()
                      .includes(e.getKey(), labels(query.view(), e.getKey(), e.getValue())))
              .map(Map.Entry::getKey)
              .toList();
    };
  }

  private static Map<String, String> labels(
      PodQuery.View view, String namespace, Map<String, String> own) {
    return switch (view) {
      case OWN -> own;
      case INHERITED -> EndpointLabels.named(namespace, own);
    };
  }
}
