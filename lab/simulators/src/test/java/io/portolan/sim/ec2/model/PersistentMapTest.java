package io.portolan.sim.ec2.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.sim.seed.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PersistentMapTest {
  @Test
  void behavesAsASortedMapWhoseOldVersionsRemain() {
    SplittableRandom random = Seed.draw("PersistentMapTest").random();
    PersistentMap<Integer, String> map = PersistentMap.empty();
    TreeMap<Integer, String> model = new TreeMap<>();
    List<Map.Entry<PersistentMap<Integer, String>, List<String>>> versions = new ArrayList<>();
    for (int step = 0; step < 4_000; step++) {
      int key = random.nextInt(300);
      if (random.nextInt(5) < 3) {
        map = map.with(key, "v" + step);
        model.put(key, "v" + step);
      } else {
        map = map.without(key);
        model.remove(key);
      }
      assertThat(map.values()).containsExactlyElementsOf(model.values());
      assertThat(map.size()).isEqualTo(model.size());
      assertThat(map.get(key).orElse("none")).isEqualTo(model.getOrDefault(key, "none"));
      assertThat(map.first().orElse("none"))
          .isEqualTo(model.isEmpty() ? "none" : model.firstEntry().getValue());
      int low = random.nextInt(300);
      assertThat(map.range(k -> k < low ? -1 : k >= low + 40 ? 1 : 0))
          .containsExactlyElementsOf(model.subMap(low, low + 40).values());
      if (step % 100 == 0) {
        versions.add(Map.entry(map, List.copyOf(model.values())));
      }
    }
    versions.forEach(version ->
        assertThat(version.getKey().values()).containsExactlyElementsOf(version.getValue()));
  }
}
