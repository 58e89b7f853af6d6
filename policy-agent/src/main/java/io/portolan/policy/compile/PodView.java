package io.portolan.policy.compile;

import io.portolan.common.select.PodQuery;
import io.portolan.common.select.expression.EndpointLabels;
import io.portolan.policy.model.ClusterPod;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pod as selectors see it at one moment. What it inherits is put together only if something asks.
 */
final class PodView {
  private final ClusterPod pod;
  private final Map<String, String> namespaceLabels;
  private final Map<String, String> accountLabels;
  private @Nullable Map<String, String> inherited;

  /**
   * @param namespaceLabels of its namespace's object
   * @param accountLabels of its service account's object
   */
  PodView(ClusterPod pod, Map<String, String> namespaceLabels, Map<String, String> accountLabels) {
    this.pod = pod;
    this.namespaceLabels = namespaceLabels;
    this.accountLabels = accountLabels;
  }

  ClusterPod pod() {
    return pod;
  }

  String namespace() {
    return pod.name().namespace();
  }

  Map<String, String> namespaceLabels(PodQuery.View view) {
    return switch (view) {
      case OWN -> namespaceLabels;
      case INHERITED -> EndpointLabels.named(namespace(), namespaceLabels);
    };
  }

  Map<String, String> labels(PodQuery.View view) {
    return switch (view) {
      case OWN -> pod.labels();
      case INHERITED -> {
        Map<String, String> known = inherited;
        if (known == null) {
          known =
              EndpointLabels.ofPod(
                  pod.labels(), namespace(), namespaceLabels, pod.serviceAccount(), accountLabels);
          inherited = known;
        }
        yield known;
      }
    };
  }

  boolean matches(PodQuery query) {
    return query.matches(namespace(), namespaceLabels(query.view()), labels(query.view()));
  }
}
