package io.portolan.policy.compile;

import io.portolan.linux.nft.NftInterval;
import io.portolan.linux.nft.NftSelector;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A closed range of ports. */
record PortRange(int from, int to) {

  /** The same ports in the one form an interval set takes: disjoint, not touching, ascending. */
  static List<PortRange> merge(List<PortRange> ranges) {
    List<PortRange> merged = new ArrayList<>();
    for (PortRange next :
        ranges.stream().sorted(Comparator.comparingInt(PortRange::from)).toList()) {
      PortRange last = merged.isEmpty() ? null : merged.getLast();
      if (last != null && next.from() <= last.to() + 1) {
        merged.set(merged.size() - 1, new PortRange(last.from(), Math.max(last.to(), next.to())));
      } else {
        merged.add(next);
      }
    }
    return merged;
  }

  NftStatement test(NftSelector port, boolean negated) {
    return from == to
        ? new NftStatement.Compare(port, Optional.empty(), NftValue.port(from), negated)
        : new NftStatement.InRange(
            port, new NftInterval(NftValue.port(from), NftValue.port(to)), negated);
  }

  @Override
  public String toString() {
    return from == to ? "" + from : from + "-" + to;
  }
}
