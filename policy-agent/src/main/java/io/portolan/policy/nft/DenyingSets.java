package io.portolan.policy.nft;

import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftVerdict;
import io.portolan.policy.nft.TableImage.ChainImage;
import java.util.HashSet;
import java.util.Set;

/**
 * Which sets a chain looks into in such a way that a new member may be denied what it was allowed:
 * by a rule that drops or leads elsewhere, or by one that accepts who is not in the set. A rule
 * that returns ends a tier: whoever it is about, others are asked then, or are not, that may deny.
 *
 * <p>Base chains do not count. What they look into holds the node's own pods, which come and go
 * together with elements of the class maps.
 */
final class DenyingSets {
  private DenyingSets() {}

  static Set<String> of(ChainImage chain) {
    Set<String> sets = new HashSet<>();
    // Who returns from the check of sources has passed it; those sets hold the node's own pods,
    // too.
    boolean ofPods =
        chain.chain().base().isPresent() || chain.chain().name().equals(Skeleton.SPOOFING);
    if (!ofPods) {
      chain.rules().forEach(rule -> collect(rule, sets));
    }
    return sets;
  }

  private static void collect(NftRule rule, Set<String> sets) {
    boolean letsPass =
        rule.statements().stream()
            .anyMatch(statement ->
                statement instanceof NftStatement.Verdict(NftVerdict verdict)
                    && verdict.equals(NftVerdict.ACCEPT));
    boolean returns =
        rule.statements().stream()
            .anyMatch(statement ->
                statement instanceof NftStatement.Verdict(NftVerdict verdict)
                    && verdict.equals(NftVerdict.RETURN));
    boolean decides = rule.statements().stream().anyMatch(NftStatement.Verdict.class::isInstance);
    for (NftStatement statement : rule.statements()) {
      if (statement instanceof NftStatement.Lookup lookup
          && decides
          && (returns || letsPass == lookup.negated())) {
        sets.add(lookup.set());
      }
    }
  }
}
