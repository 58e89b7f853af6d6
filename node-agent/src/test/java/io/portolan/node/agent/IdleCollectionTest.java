package io.portolan.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IdleCollectionTest {
  private static boolean isDue(int beforeMebibytes, int usedMebibytes, int liveMebibytes) {
    return IdleCollection.isDue(
        (long) beforeMebibytes << 20, (long) usedMebibytes << 20, (long) liveMebibytes << 20);
  }

  @Test
  void collectsMuchGarbageOfAQuietNode() {
    assertThat(isDue(30, 30, 15)).isTrue();
    assertThat(isDue(26, 30, 15)).as("pods come and go").isFalse();
    assertThat(isDue(30, 20, 5)).as("just collected").isFalse();
    assertThat(isDue(20, 20, 15)).as("little").isFalse();
    assertThat(isDue(20, 20, 0)).as("never collected").isTrue();
  }
}
