package io.portolan.sim.ec2.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The Python that {@code build/moto} finds or installs. */
final class PythonTools {
  /** What a finished program said, both streams together. */
  record Finished(int status, String output) {}

  private static final Path ROOT = Path.of(System.getProperty("portolan.root", "."));

  private PythonTools() {}

  /** The interpreter; skips the calling test, saying why, if there is none. */
  static String interpreter() throws IOException, InterruptedException {
    Finished found = run(ROOT, 600, List.of(ROOT.resolve("build/moto").toString()));
    Prerequisite.require(
        found.status() == 0, () -> "no Python with moto and boto3: " + found.output().strip());
    return found.output().strip().lines().toList().getLast();
  }

  /**
   * Runs a program to its end, or ends it after {@code seconds}.
   *
   * @throws IOException if it cannot be started or takes longer
   */
  static Finished run(Path directory, int seconds, List<String> command)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile("portolan-python", ".log");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = process.waitFor(Duration.ofSeconds(seconds));
      String said = Files.readString(output);
      if (!ended) {
        throw new IOException(command + " took longer than " + seconds + " s: " + said);
      }
      return new Finished(process.exitValue(), said);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      Files.delete(output);
    }
  }
}
