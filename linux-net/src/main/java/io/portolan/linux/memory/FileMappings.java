package io.portolan.linux.memory;

import static io.portolan.linux.ffi.SystemCallException.check;

import io.portolan.linux.ffi.SystemCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Files this process has mapped for reading. Their pages count as its resident memory once they
 * were touched, be it only at the start.
 */
public final class FileMappings {
  private static final Path MAPS = Path.of("/proc/self/maps");

  private FileMappings() {}

  /**
   * @param length bytes
   */
  record Range(long address, long length) {}

  /**
   * Takes the pages of read-only mappings out of memory (MADV_PAGEOUT of madvise(2), Linux 5.4).
   * Nothing changes but that the next access to each reads it again. The kernel keeps pages that
   * other processes have mapped, and all pages of files that are not this user's. Taking them out
   * of this process alone (MADV_DONTNEED) would not do: the next access maps what lies around it,
   * too, if that is still in the page cache.
   *
   * @param files which files, by their paths
   * @throws IOException if /proc/self/maps cannot be read, or the kernel refuses
   */
  public static void pageOut(Predicate<String> files) throws IOException {
    for (Range mapping : readOnly(Files.readAllLines(MAPS), files)) {
      check(
          SystemCalls.linux()
              .madvise(mapping.address(), mapping.length(), SystemCalls.MADV_PAGEOUT),
          "madvise");
    }
  }

  /** The read-only mappings of {@code files}, of lines of proc_pid_maps(5). */
  static List<Range> readOnly(List<String> maps, Predicate<String> files) {
    List<Range> mappings = new ArrayList<>();
    for (String line : maps) {
      // ADDRESS-ADDRESS PERMISSIONS OFFSET DEVICE INODE [PATH]
      String[] fields = line.split(" +", 6);
      if (fields.length == 6 && fields[1].startsWith("r--") && files.test(fields[5])) {
        String[] range = fields[0].split("-");
        long address = Long.parseUnsignedLong(range[0], 16);
        mappings.add(new Range(address, Long.parseUnsignedLong(range[1], 16) - address));
      }
    }
    return mappings;
  }
}
