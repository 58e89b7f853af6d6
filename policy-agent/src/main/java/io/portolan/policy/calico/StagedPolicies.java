package io.portolan.policy.calico;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.kube.ResourcePath;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.NotUnderstoodException;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyId;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads staged policies: what would become of the enforced policy of the same name. They are never
 * enforced themselves.
 *
 * <p>With {@code stagedAction} Set, which is the default, and Learn, the policy would be as staged;
 * with Delete it would be gone; with Ignore nothing would become of it.
 */
public final class StagedPolicies {
  /**
   * One kind.
   *
   * @param name as objects say it
   * @param enforced the kind it would be
   * @param decode of an object with the fields of that kind
   */
  public record Kind(
      ResourcePath path, String name, PolicyId.Kind enforced, Function<JsonNode, Decoded> decode) {}

  public static final List<Kind> KINDS =
      List.of(
          new Kind(
              path("stagednetworkpolicies"),
              "StagedNetworkPolicy",
              PolicyId.Kind.CALICO_NETWORK_POLICY,
              CalicoPolicies::networkPolicy),
          new Kind(
              path("stagedglobalnetworkpolicies"),
              "StagedGlobalNetworkPolicy",
              PolicyId.Kind.CALICO_GLOBAL,
              CalicoPolicies::globalNetworkPolicy),
          new Kind(
              path("stagedkubernetesnetworkpolicies"),
              "StagedKubernetesNetworkPolicy",
              PolicyId.Kind.NETWORK_POLICY,
              StagedPolicies::kubernetes));

  private StagedPolicies() {}

  /** The change that enforcing it would mean; none if it is to be ignored. */
  public static Decoded read(Kind kind, JsonNode object) {
    String action = object.path("spec").path("stagedAction").asText("Set");
    return switch (action) {
      case "Set", "Learn", "null", "" -> kind.decode().apply(object);
      case "Delete" -> Decoded.of(new ClusterChange.PolicyGone(id(kind, object)), List.of());
      case "Ignore" -> new Decoded(Optional.empty(), List.of());
      default ->
          Decoded.nothing(
              "spec.stagedAction: expected Set, Delete, Learn or Ignore, not '" + action + "'");
    };
  }

  private static Decoded kubernetes(JsonNode object) {
    try {
      Policy policy = NetworkPolicies.decode(object);
      return Decoded.of(new ClusterChange.PolicySeen(policy), policy.problems());
    } catch (NotUnderstoodException e) {
      return Decoded.nothing("" + e.getMessage());
    }
  }

  private static PolicyId id(Kind kind, JsonNode object) {
    JsonNode metadata = object.path("metadata");
    return new PolicyId(
        kind.enforced(), metadata.path("namespace").asText(""), metadata.path("name").asText(""));
  }

  private static ResourcePath path(String plural) {
    return CalicoKinds.path(plural);
  }
}
