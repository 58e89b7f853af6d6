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
  private static final String POLICY = "io.portolan.policy.agent.PolicyBenchmark";
  private static final List<Integer> POLICIES = List.of(100, 1_000, 10_000);

  /**
   * @throws IOException if one of them is not built
   */
  void requireBuilt() throws IOException {
    built("controller-common", CLOUD_CALLS);
    built("linux-net", NFTABLES);
    built("policy-agent", POLICY);
  }

  /** EC2 calls of a scale-out, in virtual time; a Markdown table. */
  String cloudCalls(int nodes) throws IOException, InterruptedException {
    return run("controller-common", CLOUD_CALLS, List.of(Integer.toString(nodes)));
  }

  /** Commits of nftables transactions beside the {@code nft} program; plain text. */
  String nftables() throws IOException, InterruptedException {
    return run("linux-net", NFTABLES, List.of());
  }

  /**
   * Changes of a cluster in the policy agent, from the change to the kernel; a Markdown row for
   * each number of policies, each of a process of its own, as they tell of its memory.
   */
  String policies(int pods) throws IOException, InterruptedException {
    StringBuilder rows = new StringBuilder();
    List<String> asOnANode =
        Files.readAllLines(home.resolve("policy-agent/src/main/dist/jvm.options")).stream()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .map(String::strip)
            .toList();
    for (int policies : POLICIES) {
      List<String> sizes = List.of(Integer.toString(policies), Integer.toString(pods));
      rows.append(run("policy-agent", POLICY, asOnANode, sizes));
    }
    return rows.toString();
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
    return run(module, mainClass, List.of(), arguments);
  }

  private String run(String module, String mainClass, List<String> options, List<String> arguments)
      throws IOException, InterruptedException {
    Path tests = built(module, mainClass);
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Dlogback.configurationFile=" + home.resolve("build/logback-test.xml")));
    command.addAll(options);
    command.addAll(List.of("-cp", tests + ":" + home.resolve("cli/target/lib") + "/*", mainClass));
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
