package io.portolan.node.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskProbeTest {
  @TempDir Path directory;

  @Test
  void leavesNothingBehindWhereItCanWriteSyncedOrNot() throws IOException {
    AtomicBoolean suspicious = new AtomicBoolean();
    DiskProbe probe = new DiskProbe(directory, suspicious::get);
    assertThat(probe.problem()).isEmpty();
    suspicious.set(true);
    assertThat(probe.problem()).isEmpty();
    try (var files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void saysWhyItCannotWriteAndIsContentAsSoonAsItCan() throws IOException {
    Path state = directory.resolve("state");
    DiskProbe probe = new DiskProbe(state, () -> false);
    assertThat(probe.problem()).hasValueSatisfying(why -> assertThat(why).contains("state"));
    Files.writeString(state, "a file where the directory should be");
    assertThat(probe.problem()).contains("Not a directory");
    Files.delete(state);
    Files.createDirectory(state);
    assertThat(probe.problem()).isEmpty();
  }
}
