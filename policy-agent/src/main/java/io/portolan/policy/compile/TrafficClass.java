package io.portolan.policy.compile;

import io.portolan.policy.model.Direction;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.nft.TableImage.ChainImage;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What decides over some traffic: policies in the order they are asked, as chains that lead to
 * those of the policies. Equal classes share their chains.
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

  /** One policy with the chain that its passing rules go to. */
  record Use(PolicyId policy, Optional<String> next) {}

  /**
   * One of the class's chains.
   *
   * @param failsafes how many rules at its beginning leave ports open whatever policies say
   * @param end what its other rules' own verdict is there for
   * @param verdicts with the counters that its rules need
   */
  record Segment(ChainImage image, int failsafes, RuleOrigin end, Verdicts verdicts) {
    RuleOrigin origin(int rule) {
      return rule < failsafes ? new RuleOrigin.OfFailsafe() : end;
    }
  }
}
