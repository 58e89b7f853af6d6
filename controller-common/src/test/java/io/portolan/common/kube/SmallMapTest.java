package io.portolan.common.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SmallMapTest {
  @Test
  void isTheMapItWasMadeFrom() {
    Random random = new Random(11);
    for (int round = 0; round < 500; round++) {
      Map<String, String> model = new HashMap<>();
      int size = random.nextInt(9);
      for (int i = 0; i < size; i++) {
        model.put("k" + random.nextInt(20), "v" + random.nextInt(3));
      }
      SmallMap map = SmallMap.copyOf(model);
      assertThat(map)
          .isEqualTo(model)
          .hasSameHashCodeAs(model)
          .hasToString(new TreeMap<>(model).toString());
      assertThat(model).isEqualTo(map);
      assertThat(map).isEqualTo(SmallMap.copyOf(new TreeMap<>(model)));
      for (int key = 0; key < 20; key++) {
        assertThat(map.get("k" + key)).isEqualTo(model.get("k" + key));
        assertThat(map.containsKey("k" + key)).isEqualTo(model.containsKey("k" + key));
      }
    }
  }
}
