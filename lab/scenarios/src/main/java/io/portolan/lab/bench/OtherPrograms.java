package io.portolan.lab.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Benchmarks of single modules, which live beside those modules' tests because they share their
 * models. They are run as processes and what they print is taken over.
 *
 * @param home the source tree they were built in
 */
record OtherPrograms(Path home) {
  private static final String CLOUD_CALLS = "io.portolan.common.pool.bench.CallsPerPodBenchmark";
  private static final String NFTABLES = "io.portolan.linux.nft.kernel.NftBenchmark";
  private static final String CONNECTIONS = "io.portolan.policy.agent.ConnectionBenchmark";
  private static final String POLICY_CHANGES = "io.portolan.policy.agent.PolicyBenchmark";

  /**
   * @throws IOException if one that these parts need is not built
   */
  void requireBuilt(Set<BenchPart> parts) throws IOException {
    for (BenchPart part : parts) {
      switch (part) {
        case NODE, CUTS, HOSTILE -> {}
        case CLOUD -> built("controller-common", CLOUD_CALLS);
        case NFTABLES -> built("linux-net", NFTABLES);
        case POLICY -> {
          built("policy-agent", POLICY_CHANGES);
          built("policy-agent", CONNECTIONS);
        }
      }
    }
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
   * Changes of a cluster in the policy agent, from the change to the kernel; a Markdown row. The
   * process is one of its own, as it tells of its memory.
   */
  String policyChanges(int policies, int pods) throws IOException, InterruptedException {
    return run(
        "policy-agent",
        POLICY_CHANGES,
        asOnANode(),
        List.of(Integer.toString(policies), Integer.toString(pods)));
  }

  /** What policies cost a connection, beside one chain of the same rules; Markdown rows. */
  String connections() throws IOException, InterruptedException {
    return run("policy-agent", CONNECTIONS, List.of());
  }

  /** The policy agent's options of the virtual machine. */
  private List<String> asOnANode() throws IOException {
    return Files.readAllLines(home.resolve("policy-agent/src/main/dist/jvm.options")).stream()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(String::strip)
        .toList();
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
