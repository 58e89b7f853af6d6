package io.portolan.linux.sysctl;

import io.portolan.linux.netns.NetworkNamespace;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.SequencedMap;

/** Reads and writes settings. Without a namespace given, those of the calling thread's. */
public final class Sysctl {
  private Sysctl() {}

  /**
   * The value without the line end.
   *
   * @throws SysctlException if there is no such setting or it may not be read
   */
  public static String read(SysctlKey key) {
    try {
      return Files.readString(key.path(), StandardCharsets.US_ASCII).stripTrailing();
    } catch (NoSuchFileException e) {
      throw missing(key, e);
    } catch (IOException e) {
      throw new SysctlException(key, false, "read " + key + ": " + reason(e), e);
    }
  }

  public static String read(NetworkNamespace namespace, SysctlKey key) {
    return namespace.call(() -> read(key));
  }

  /**
   * @throws SysctlException if there is no such setting, it may not be written, or the kernel
   *     refuses the value
   */
  public static void write(SysctlKey key, String value) {
    // Not through Files: a value must arrive in one write(2), and proc files are neither created
    // nor truncated.
    try (FileOutputStream file = new FileOutputStream(key.path().toFile())) {
      file.write(value.getBytes(StandardCharsets.US_ASCII));
    } catch (FileNotFoundException e) {
      if (Files.notExists(key.path())) {
        throw missing(key, e);
      }
      throw new SysctlException(key, false, "write " + key + " = " + value + ": " + reason(e), e);
    } catch (IOException e) {
      throw new SysctlException(key, false, "write " + key + " = " + value + ": " + reason(e), e);
    }
  }

  /** Writes several settings in order; those before a failing one stay written. */
  public static void write(SequencedMap<SysctlKey, String> values) {
    values.forEach(Sysctl::write);
  }

  /** As {@link #write(SequencedMap)}, entering {@code namespace} once. */
  public static void write(NetworkNamespace namespace, SequencedMap<SysctlKey, String> values) {
    namespace.run(() -> write(values));
  }

  public static void write(NetworkNamespace namespace, SysctlKey key, String value) {
    namespace.run(() -> write(key, value));
  }

  private static SysctlException missing(SysctlKey key, IOException cause) {
    return new SysctlException(
        key,
        true,
        "no setting "
            + key
            + " in this network namespace: no such interface, or not in this kernel",
        cause);
  }

  private static String reason(IOException e) {
    return String.valueOf(e.getMessage());
  }
}
