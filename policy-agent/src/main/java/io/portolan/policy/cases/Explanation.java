package io.portolan.policy.cases;

import java.util.List;

/**
 * What becomes of a probe, with the tiers that it came to at either end.
 *
 * @param egress none if the source is no policed pod or host endpoint, or no tier was asked
 * @param ingress likewise
 */
public record Explanation(ProbeAnswer answer, List<TierStep> egress, List<TierStep> ingress) {
  public Explanation {
    egress = List.copyOf(egress);
    ingress = List.copyOf(ingress);
  }
}
