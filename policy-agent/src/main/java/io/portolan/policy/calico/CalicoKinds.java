package io.portolan.policy.calico;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.kube.ObjectKey;
import io.portolan.common.kube.ResourcePath;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.NotUnderstoodException;
import io.portolan.policy.model.PolicyId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The kinds of object that Calico policy is made of, with what each means. Staged policies ({@link
 * StagedPolicies}) are not among them: they decide nothing.
 */
public final class CalicoKinds {
  /** The {@code apiVersion} of Calico's own. */
  public static final String API_VERSION = "projectcalico.org/v3";

  /**
   * One kind.
   *
   * @param name as objects say it
   * @param seen of an object
   * @param gone of the key of an object that is no more
   */
  public record Kind(
      ResourcePath path,
      String name,
      Function<JsonNode, Decoded> seen,
      Function<ObjectKey, ClusterChange> gone) {}

  /** Kinds of Calico's own; a cluster may have none of them. */
  public static final List<Kind> OWN =
      List.of(
          new Kind(
              path("tiers"),
              "Tier",
              CalicoTiers::tier,
              key -> new ClusterChange.TierGone(key.name())),
          new Kind(
              path("networkpolicies"),
              "NetworkPolicy",
              CalicoPolicies::networkPolicy,
              key -> policyGone(PolicyId.Kind.CALICO_NETWORK_POLICY, key)),
          new Kind(
              path("globalnetworkpolicies"),
              "GlobalNetworkPolicy",
              CalicoPolicies::globalNetworkPolicy,
              key -> policyGone(PolicyId.Kind.CALICO_GLOBAL, key)),
          new Kind(
              path("networksets"),
              "NetworkSet",
              CalicoNetworkSets::networkSet,
              key -> new ClusterChange.NetworkSetGone(key.namespace(), key.name())),
          new Kind(
              path("globalnetworksets"),
              "GlobalNetworkSet",
              CalicoNetworkSets::globalNetworkSet,
              key -> new ClusterChange.NetworkSetGone("", key.name())),
          new Kind(
              path("hostendpoints"),
              "HostEndpoint",
              CalicoHosts::hostEndpoint,
              key -> new ClusterChange.HostEndpointGone(key.name())),
          new Kind(
              path("felixconfigurations"),
              "FelixConfiguration",
              CalicoHosts::felixConfiguration,
              key ->
                  new ClusterChange.FailsafesSeen(key.name(), Optional.empty(), Optional.empty())));

  /** Of Kubernetes; needed only where Calico policies may select by their labels. */
  public static final Kind SERVICE_ACCOUNTS =
      new Kind(
          new ResourcePath("", "v1", "serviceaccounts"),
          "ServiceAccount",
          CalicoKinds::serviceAccount,
          key -> new ClusterChange.ServiceAccountGone(key.namespace(), key.name()));

  /** By which Calico says where its objects are. */
  public static final ResourcePath CLUSTER_INFORMATION = path("clusterinformations");

  private CalicoKinds() {}

  /** One of {@link #OWN}, by its plural. */
  public static Kind own(String plural) {
    return OWN.stream()
        .filter(kind -> kind.path().equals(path(plural)))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("Calico has no " + plural));
  }

  static ResourcePath path(String plural) {
    int slash = API_VERSION.indexOf('/');
    return new ResourcePath(
        API_VERSION.substring(0, slash), API_VERSION.substring(slash + 1), plural);
  }

  private static ClusterChange policyGone(PolicyId.Kind kind, ObjectKey key) {
    return new ClusterChange.PolicyGone(new PolicyId(kind, key.namespace(), key.name()));
  }

  private static Decoded serviceAccount(JsonNode object) {
    Fields metadata = new Fields(object.path("metadata"), "metadata");
    try {
      Map<String, String> labels = metadata.map("labels");
      return Decoded.of(
          new ClusterChange.ServiceAccountSeen(
              metadata.text("namespace"), metadata.text("name"), labels),
          List.of());
    } catch (NotUnderstoodException e) {
      return Decoded.nothing("" + e.getMessage());
    }
  }
}
