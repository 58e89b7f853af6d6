package io.portolan.lab.bench;

import io.portolan.linux.netns.NetworkNamespace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Executes plugins in a node's network namespace by {@code cni-stopwatch} and takes their times.
 *
 * @param program the built {@code cni-stopwatch}
 */
record Stopwatch(Path program, NetworkNamespace namespace) {

  /**
   * @param each wall time of each process, from before its creation until it has ended
   * @param groups for each group, from its first start to its last end
   */
  record Times(List<Long> each, List<Long> groups) {}

  /**
   * Runs groups one after another, the invocations of a group at once.
   *
   * @param pause between groups, so that what a plugin leaves for later does not fall on the next
   * @throws IOException if an invocation fails; the message is its answer
   */
  Times run(List<List<Invocation>> groups, Duration pause)
      throws IOException, InterruptedException {
    StringBuilder script = new StringBuilder();
    List<Invocation> all = new ArrayList<>();
    for (List<Invocation> group : groups) {
      group.forEach(invocation -> script.append(invocation.line()).append('\n'));
      script.append("wait\npause\t").append(pause.toMillis()).append('\n');
      all.addAll(group);
    }
    Process process =
        namespace.<Process, IOException>call(() ->
            new ProcessBuilder(program.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    // The script is far longer than a pipe holds, and answers come while it is written.
    Thread writer =
        Thread.startVirtualThread(() -> {
          try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(script.toString().getBytes(StandardCharsets.UTF_8));
          } catch (IOException e) {
            process.destroy();
          }
        });
    List<Long> each = new ArrayList<>();
    List<Long> whole = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] fields = line.split(" ", -1);
        if (fields[0].equals("wait")) {
          whole.add(Long.parseLong(fields[1]));
          continue;
        }
        each.add(Long.parseLong(fields[2]));
        if (!fields[3].equals("0")) {
          failures.add(failure(all.get(Integer.parseInt(fields[1]))));
        }
      }
    }
    writer.join();
    int status = process.waitFor();
    if (status != 0 || !failures.isEmpty() || each.size() != all.size()) {
      throw new IOException(
          failures.size() + " of " + all.size() + " invocations failed, the first: " + failures);
    }
    return new Times(each, whole);
  }

  private static String failure(Invocation invocation) throws IOException {
    return invocation.program().getFileName()
        + " "
        + invocation.environment().get("CNI_COMMAND")
        + ": "
        + Files.readString(invocation.answer()).strip();
  }
}
