package io.portolan.policy.compile;

import io.portolan.policy.model.PolicyId;
import io.portolan.policy.model.Tier;
import java.util.List;

/**
 * A tier in which policies select a pod or a host endpoint.
 *
 * @param policies those, in the order they are asked
 */
public record AskedTier(Tier tier, List<PolicyId> policies) {
  public AskedTier {
    policies = List.copyOf(policies);
  }

  static AskedTier of(PolicyClass.Stage stage) {
    return new AskedTier(
        stage.tier(), stage.members().stream().map(PolicyClass.Member::policy).toList());
  }
}
