package io.portolan.node.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BootMarkTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path directory;

  private BootMark boot(String id, int uptimeSeconds) {
    return new BootMark(directory, id, Duration.ofSeconds(uptimeSeconds));
  }

  @Test
  void tellsARestartOfTheMachineUntilItIsMarked() throws IOException {
    assertThat(boot("a", 7).restart(NOW)).contains(NOW.minusSeconds(7));
    boot("a", 7).written();
    assertThat(boot("a", 900).restart(NOW)).isEmpty();

    assertThat(boot("b", 3).restart(NOW)).contains(NOW.minusSeconds(3));
    assertThat(boot("b", 4).restart(NOW)).as("killed before it was marked").isPresent();
    boot("b", 4).written();
    boot("b", 5).written();
    assertThat(boot("b", 6).restart(NOW)).isEmpty();
  }

  @Test
  void readsThisMachine() throws IOException {
    BootMark mark = BootMark.in(directory);
    assertThat(mark.restart(NOW).orElseThrow()).isBefore(NOW);
    mark.written();
    assertThat(BootMark.in(directory).restart(NOW)).isEmpty();
  }
}
