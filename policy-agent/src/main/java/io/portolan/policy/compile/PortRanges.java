package io.portolan.policy.compile;

import io.portolan.policy.model.PortMatch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Ranges of ports in the one form an interval set takes: disjoint, not touching, ascending. */
final class PortRanges {
  private PortRanges() {}

  /** The same ports; all ranges are of one protocol. */
  static List<PortMatch.Range> merge(List<PortMatch.Range> ranges) {
    List<PortMatch.Range> merged = new ArrayList<>();
    for (PortMatch.Range next :
        ranges.stream().sorted(Comparator.comparingInt(PortMatch.Range::from)).toList()) {
      PortMatch.Range last = merged.isEmpty() ? null : merged.getLast();
      if (last != null && next.from() <= last.to() + 1) {
        merged.set(
            merged.size() - 1,
            new PortMatch.Range(last.protocol(), last.from(), Math.max(last.to(), next.to())));
      } else {
        merged.add(next);
      }
    }
    return merged;
  }
}
