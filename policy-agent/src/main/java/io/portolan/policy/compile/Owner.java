package io.portolan.policy.compile;

import io.portolan.policy.model.Direction;
import io.portolan.policy.model.PodName;
import io.portolan.policy.model.PolicyId;
import java.util.List;
import java.util.Map;

/**
 * Who has an address.
 *
 * @param policies those that select the pod and may be asked, in order, if it is wired on this
 *     node; none for a direction in which no policy isolates it
 */
public record Owner(PodName pod, Map<Direction, List<PolicyId>> policies) {
  public Owner {
    policies = Map.copyOf(policies);
  }
}
