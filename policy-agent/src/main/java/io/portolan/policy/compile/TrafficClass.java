package io.portolan.policy.compile;

import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftStatement;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.PolicyId;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What decides over some traffic: policies in the order they are asked, as chains that lead to
 * those of the policies. Equal classes share their chains.
 *
 * <p>A tier that rules may end early is a chain of its own, which the class's first chain jumps to
 * and which it comes back from. So jumps nest no deeper however many tiers there are: the kernel
 * allows 16, and counts where a chain goes to without coming back as well.
 */
sealed interface TrafficClass permits PolicyClass, HostClass {

  Direction direction();

  /** The policies in the order they are asked. */
  List<Use> policies();

  /**
   * The class's chains by name, the first one first.
   *
   * @param reporting what they tell of what they do
   */
  SequencedMap<String, Segment> segments(Reporting reporting);

  /**
   * One policy in its place.
   *
   * @param inside of a policy with rules that pass, the chain of its tier, which its rules are part
   *     of: by returning from there they end the tier. Others have a chain that classes share
   */
  record Use(PolicyId policy, Optional<String> inside) {}

  /** What a class's chain is made of. */
  sealed interface Part {
    /** A rule of the class itself. */
    record Own(NftRule rule) implements Part {}

    /**
     * Policies in a row that only allow, so that their order does not matter.
     *
     * @param name for what there is for them beside the class's chain
     */
    record Allowing(String name, List<PolicyId> policies) implements Part {
      public Allowing {
        policies = List.copyOf(policies);
      }
    }

    /** The rules of a policy. */
    record RulesOf(PolicyId policy) implements Part {}

    static Part own(NftStatement... statements) {
      return new Own(NftRule.of(statements));
    }
  }

  /**
   * One of the class's chains.
   *
   * @param failsafes how many rules at its beginning leave ports open whatever policies say
   * @param end what the verdict of its other rules of its own is there for
   * @param verdicts with the counters that its rules need
   */
  record Segment(
      Direction direction,
      NftChain chain,
      List<Part> parts,
      int failsafes,
      RuleOrigin end,
      Verdicts verdicts) {
    public Segment {
      parts = List.copyOf(parts);
    }

    RuleOrigin origin(int rule) {
      return rule < failsafes ? new RuleOrigin.OfFailsafe() : end;
    }
  }
}
