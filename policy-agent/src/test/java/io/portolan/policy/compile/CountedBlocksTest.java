package io.portolan.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class CountedBlocksTest {

  @Test
  void showsTheBlocksThatNoOtherHolds() {
    long seed = Long.getLong("portolan.seed", System.nanoTime());
    Random random = new Random(seed);
    TreeSet<Cidr> shown = new TreeSet<>();
    CountedBlocks blocks =
        new CountedBlocks(
            block -> {
              assertThat(shown.stream().noneMatch(block::overlaps)).as("seed %d", seed).isTrue();
              shown.add(block);
            },
            block -> assertThat(shown.remove(block)).as("seed %d", seed).isTrue());
    List<Cidr> members = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      if (!members.isEmpty() && random.nextInt(40) < members.size()) {
        blocks.remove(members.remove(random.nextInt(members.size())));
      } else {
        IpAddress address = IpAddress.parse("255.255.255." + random.nextInt(256));
        Cidr block = Cidr.containing(address, random.nextInt(8) == 0 ? 0 : 24 + random.nextInt(9));
        members.add(block);
        blocks.add(block);
      }
      assertThat(shown)
          .as("seed %d, step %d, of %s", seed, i, members)
          .isEqualTo(
              new TreeSet<>(
                  members.stream()
                      .filter(block ->
                          members.stream().noneMatch(o -> o.contains(block) && !o.equals(block)))
                      .toList()));
    }
  }
}
