package io.portolan.calico.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.portolan.calico.model.IpPool;
import io.portolan.common.net.Cidr;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class BlockSequenceTest {
  private static List<Cidr> all(IpPool pool, String owner) {
    List<Cidr> blocks = new ArrayList<>();
    new BlockSequence(pool, owner, 0).forEach(blocks::add);
    return blocks;
  }

  @Test
  void everyBlockComesOnceAndTheEndIsFollowedByTheBeginning() {
    List<Cidr> blocks = all(Pools.pool("a", "10.0.0.0/24", 26), "node1");
    Set<Cidr> different = new HashSet<>(blocks);
    assertEquals(4, blocks.size());
    assertEquals(
        Set.of(
            Cidr.parse("10.0.0.0/26"),
            Cidr.parse("10.0.0.64/26"),
            Cidr.parse("10.0.0.128/26"),
            Cidr.parse("10.0.0.192/26")),
        different);
    for (int i = 1; i < 4; i++) {
      long step = blocks.get(i).network().low() - blocks.get(i - 1).network().low();
      assertTrue(step == 64 || step == -192, blocks::toString);
    }
  }

  @Test
  void ownersBeginFarApart() {
    IpPool pool = Pools.pool("a", "10.0.0.0/12", 26);
    Set<Cidr> first = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      first.add(new BlockSequence(pool, "node-" + i, 0).iterator().next());
    }
    // 1000 balls in 16384 bins: 970 different ones are expected.
    assertTrue(first.size() > 950, "different first blocks: " + first.size());
  }

  @Test
  void aWidePoolOfSmallBlocksHasThemAll() {
    IpPool pool = Pools.pool("a", "fd00:1::/48", 122);
    BlockSequence sequence = new BlockSequence(pool, "node1", 0);
    assertEquals("18889465931478580854784", sequence.count().toString());
    Iterator<Cidr> blocks = sequence.iterator();
    Set<Cidr> seen = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      Cidr block = blocks.next();
      assertTrue(pool.cidr().contains(block) && block.prefixLength() == 122, block::toString);
      seen.add(block);
    }
    assertEquals(100, seen.size());
  }
}
