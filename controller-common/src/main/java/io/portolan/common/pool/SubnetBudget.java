package io.portolan.common.pool;

import io.portolan.common.cloud.ObservedSubnet;
import io.portolan.common.cloud.SubnetId;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;

/** How much a plan may still ask of each subnet: what it has left and what it lately refused. */
final class SubnetBudget {
  private final NodePoolState state;
  private final int prefixSize;
  private final Map<SubnetId, Integer> taken = new HashMap<>();

  SubnetBudget(NodePoolState state, int prefixSize) {
    this.state = state;
    this.prefixSize = prefixSize;
  }

  /** Units that one call may ask for: single addresses, or whole blocks. */
  int allows(SubnetId subnet, boolean prefixes) {
    int free = free(subnet);
    int left = prefixes ? free / prefixSize : free;
    return Math.min(left, state.troubles().atMost(subnet, prefixes));
  }

  void take(SubnetId subnet, int units, boolean prefixes) {
    taken.merge(subnet, prefixes ? units * prefixSize : units, Integer::sum);
  }

  /** Subnets not worth asking. */
  SortedSet<SubnetId> exhausted() {
    SortedSet<SubnetId> exhausted = state.troubles().exhausted();
    for (SubnetId subnet : state.subnets().keySet()) {
      // A new interface needs an address for itself and one for a pod at least.
      if (free(subnet) < 2) {
        exhausted.add(subnet);
      }
    }
    return exhausted;
  }

  private int free(SubnetId subnet) {
    ObservedSubnet seen = state.subnets().get(subnet);
    int free = seen == null ? Integer.MAX_VALUE : seen.freeAddresses().orElse(Integer.MAX_VALUE);
    return Math.max(0, free - taken.getOrDefault(subnet, 0));
  }
}
