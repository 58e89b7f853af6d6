package io.portolan.common.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
  @Test
  void doublesUpToItsLimitAndSpreadsOverTheUpperHalf() {
    Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofMillis(500));
    Random random = new Random(7);
    long[] ceilings = {100, 200, 400, 500, 500};
    for (int failures = 1; failures <= ceilings.length; failures++) {
      for (int i = 0; i < 200; i++) {
        long millis = backoff.delay(failures, random).toMillis();
        assertThat(millis).isBetween(ceilings[failures - 1] / 2, ceilings[failures - 1]);
      }
    }
    assertThat(backoff.delay(Integer.MAX_VALUE, random)).isLessThanOrEqualTo(backoff.limit());
  }
}
