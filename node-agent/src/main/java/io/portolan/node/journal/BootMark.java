package io.portolan.node.journal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Tells a restart of the machine from one of the agent, by the kernel's number of this boot
 * (proc(5), {@code /proc/sys/kernel/random/boot_id}) in a file beside the journal.
 *
 * <p>Until the mark is {@link #written} every start of the agent finds the machine restarted: who
 * acts on that does so before.
 */
public final class BootMark {
  private static final String FILE = "boot";

  private final Path file;
  private final String bootId;
  private final Duration uptime;

  /**
   * @param bootId the kernel's number of this boot
   * @param uptime how long ago the machine started
   */
  BootMark(Path directory, String bootId, Duration uptime) {
    file = directory.resolve(FILE);
    this.bootId = bootId;
    this.uptime = uptime;
  }

  /**
   * The mark in {@code directory}, on this machine.
   *
   * @throws IOException if the kernel does not tell
   */
  public static BootMark in(Path directory) throws IOException {
    String uptime = Files.readString(Path.of("/proc/uptime"));
    return new BootMark(
        directory,
        Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip(),
        Duration.ofMillis(Math.round(Double.parseDouble(uptime.split(" ")[0]) * 1000)));
  }

  /** When the machine started, if an agent has used the directory before and did not see it. */
  public Optional<Instant> restart(Instant now) throws IOException {
    return isWritten() ? Optional.empty() : Optional.of(now.minus(uptime));
  }

  /**
   * Remembers this boot.
   *
   * @throws IOException if it cannot be written; the old mark is then still there
   */
  public void written() throws IOException {
    if (!isWritten()) {
      DurableFile.replace(file, bootId.getBytes(StandardCharsets.UTF_8));
    }
  }

  private boolean isWritten() throws IOException {
    return Files.exists(file) && Files.readString(file, StandardCharsets.UTF_8).equals(bootId);
  }
}
