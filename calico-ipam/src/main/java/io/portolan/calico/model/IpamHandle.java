package io.portolan.calico.model;

import io.portolan.common.net.Cidr;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where the addresses are that were assigned together, to one pod for example.
 *
 * @param id as allocations say it
 * @param blocks how many addresses of which block; may say more than there are, never less
 * @param deleted on its way out: to be treated as absent
 */
public record IpamHandle(String id, Map<Cidr, Integer> blocks, boolean deleted) {
  public IpamHandle {
    blocks = Collections.unmodifiableMap(new TreeMap<>(blocks));
  }

  /** With {@code count} addresses of a block; 0 for none. */
  public IpamHandle with(Cidr block, int count) {
    Map<Cidr, Integer> next = new TreeMap<>(blocks);
    if (count > 0) {
      next.put(block, count);
    } else {
      next.remove(block);
    }
    return new IpamHandle(id, next, deleted);
  }

  public int count(Cidr block) {
    return blocks.getOrDefault(block, 0);
  }
}
