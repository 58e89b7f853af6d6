package io.portolan.lab.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Benchmarks of single modules, which live beside those modules' tests because they share their
 * models. They are run as processes and what they print is taken over.
 *
 * @param home the source tree they were built in
 */
record OtherPrograms(Path home) {
  private static final String CLOUD_CALLS = "io.portolan.common.pool.bench.CallsPerPodBenchmark";
  private static final String NFTABLES = "io.portolan.linux.nft.kernel.NftBenchmark";

  /**
   * @throws IOException if one of them is not built
   */
  void requireBuilt() throws IOException {
    built("controller-common", CLOUD_CALLS);
    built("linux-net", NFTABLES);
  }

  /** EC2 calls of a scale-out, in virtual time; a Markdown table. */
  String cloudCalls(int nodes) throws IOException, InterruptedException {
    return run("controller-common", CLOUD_CALLS, List.of(Integer.toString(nodes)));
  }

  /** Commits of nftables transactions beside the {@code nft} program; plain text. */
  String nftables() throws IOException, InterruptedException {
    return run("linux-net", NFTABLES, List.of());
  }

  private Path built(String module, String mainClass) throws IOException {
    Path tests = home.resolve(module + "/target/test-classes");
    if (!Files.exists(tests.resolve(mainClass.replace('.', '/') + ".class"))) {
      throw new IOException(mainClass + " is not built; build with ./portolan build");
    }
    return tests;
  }

  private String run(String module, String mainClass, List<String> arguments)
      throws IOException, InterruptedException {
    Path tests = built(module, mainClass);
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Dlogback.configurationFile=" + home.resolve("build/logback-test.xml"),
                "-cp",
                tests + ":" + home.resolve("cli/target/lib") + "/*",
                mainClass));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = process.waitFor();
    if (status != 0) {
      throw new IOException(mainClass + " ended with " + status + ": " + output);
    }
    return output;
  }
}
