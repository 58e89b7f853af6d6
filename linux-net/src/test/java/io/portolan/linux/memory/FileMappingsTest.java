package io.portolan.linux.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.linux.memory.FileMappings.Range;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;

class FileMappingsTest {
  private static final int BYTES = 8 << 20;

  /** In the build's directory: where /tmp is memory, nothing could be paged out. */
  @Test
  void whatIsPagedOutIsNoLongerResidentAndReadsAsBefore() throws IOException {
    Path file = Files.createTempFile(Path.of("target"), "mapped", "");
    byte[] content = new byte[BYTES];
    for (int i = 0; i < BYTES; i += 4096) {
      content[i] = (byte) (i >> 12);
    }
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(content));
      channel.force(true);
      MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, BYTES);
      read(mapped, content);
      long before = resident(file);
      FileMappings.pageOut(file.toRealPath().toString()::equals);
      long after = resident(file);
      read(mapped, content);
      assertThat(before).isEqualTo(BYTES >> 10);
      assertThat(after).isLessThan(before / 2);
    } finally {
      Files.delete(file);
    }
  }

  /** KiB of the file that this process has in memory (proc_pid_smaps(5)). */
  private static long resident(Path file) throws IOException {
    List<String> lines = Files.readAllLines(Path.of("/proc/self/smaps"));
    int head = 0;
    while (!lines.get(head).endsWith(file.getFileName().toString())) {
      head++;
    }
    return lines.stream()
        .skip(head)
        .filter(line -> line.startsWith("Rss:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }

  private static void read(MappedByteBuffer mapped, byte[] content) {
    for (int i = 0; i < BYTES; i += 4096) {
      assertThat(mapped.get(i)).isEqualTo(content[i]);
    }
  }

  @Test
  void onlyReadOnlyMappingsArePagedOut() {
    assertThat(
            FileMappings.readOnly(
                """
                800001000-800003000 rw-p 00001000 08:01 77                             /opt/a b.aot
                800003000-800009000 r--p 00003000 08:01 77                             /opt/a b.aot
                80000a000-80000b000 r--p 00000000 08:01 78                             /opt/other
                7ffc00000000-7ffc00001000 r--p 00000000 00:00 0\s
                ffffffffff600000-ffffffffff601000 r--p 00000000 00:00 0                [vsyscall]
                """
                    .lines()
                    .toList(),
                "/opt/a b.aot"::equals))
        .isEqualTo(List.of(new Range(0x800003000L, 6 << 12)));
  }
}
