package io.portolan.calico.node;

import io.portolan.calico.model.AffinityOwner;
import io.portolan.calico.model.AllocationAttributes;
import io.portolan.calico.model.IpamBlock;
import io.portolan.common.net.IpAddress;
import java.util.Map;
import java.util.TreeMap;

/**
 * What routing needs of a block: which of its addresses are on other nodes than its owner.
 *
 * @param borrowed node by address
 */
record BlockView(Map<IpAddress, String> borrowed) {
  static final BlockView NONE = new BlockView(Map.of());

  BlockView {
    borrowed = Map.copyOf(borrowed);
  }

  static BlockView of(IpamBlock block) {
    String owner = block.owner().map(AffinityOwner::host).orElse("");
    Map<IpAddress, String> borrowed = new TreeMap<>();
    for (int ordinal = 0; ordinal < block.allocations().size(); ordinal++) {
      int index = block.allocations().get(ordinal);
      if (index != IpamBlock.FREE && index < block.attributes().size()) {
        String node = block.attributes().get(index).owner(AllocationAttributes.NODE);
        if (!node.isEmpty() && !node.equals(owner)) {
          borrowed.put(block.cidr().address(ordinal), node);
        }
      }
    }
    return borrowed.isEmpty() ? NONE : new BlockView(borrowed);
  }
}
