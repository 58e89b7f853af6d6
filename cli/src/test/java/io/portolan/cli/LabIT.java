package io.portolan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lab as a user runs it: the front door script, real processes, real packets. */
final class LabIT {
  private static final Path ROOT = Path.of(System.getProperty("portolan.root"));

  @TempDir Path directory;

  @Test
  void scenarioAwsEndsWithoutMismatch() throws Exception {
    Run run = run(180, List.of(), "lab", "aws", "-o", "json");
    assertThat(run.code).as(run.errors).isZero();
    JsonNode report = new ObjectMapper().readTree(run.output);
    assertThat(report.path("scenario").asText()).isEqualTo("aws");
    assertThat(report.path("pods").size()).isEqualTo(40);
    assertThat(report.path("pods").path(0).path("interface").asText()).startsWith("eni-");
    assertThat(report.path("matrix").path("mismatches").asInt(-1)).isZero();
    assertThat(report.path("matrix").path("probes").asInt()).isGreaterThan(2000);
    assertThat(report.path("cloudApi").path("calls").path("AssignPrivateIpAddresses").asInt())
        .isPositive();
    assertThat(report.path("cni").path("addMillis").path("p99").asDouble()).isPositive();
    assertThat(checks(report))
        .isNotEmpty()
        .allMatch(check -> check.path("ok").asBoolean(), "holds");
    assertThat(Files.exists(directory.resolve("lab/aws"))).as("leftovers").isFalse();
  }

  @Test
  void scenarioAwsNeedsNoRoot() throws Exception {
    assumeThat(new ProcessBuilder("id", "-u").start().inputReader().readLine())
        .as("only root can try it as somebody else; a user's own run of the lab is this test")
        .isEqualTo("0");
    Path world = Files.createDirectory(directory.resolve("nobody"));
    assertThat(new ProcessBuilder("chmod", "-R", "a+rwx", directory.toString()).start().waitFor())
        .isZero();
    Run run =
        run(
            180,
            List.of(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "env",
                "HOME=" + world),
            "lab",
            "aws",
            "-o",
            "json");
    assumeThat(run.errors)
        .as("ordinary users may make namespaces here and read this tree")
        .doesNotContain("does not let user")
        .doesNotContain("Permission denied");
    assertThat(run.code).as(run.errors).isZero();
    assertThat(new ObjectMapper().readTree(run.output).path("matrix").path("mismatches").asInt(-1))
        .isZero();
  }

  @Test
  void scenarioCalicoCrossSubnetEndsWithoutMismatch() throws Exception {
    calicoScenario("calico-cross-subnet");
  }

  @Test
  void scenarioCalicoBgpEndsWithoutMismatch() throws Exception {
    assumeThat(Path.of("/usr/sbin/bird")).as("BIRD 2, package bird2").isExecutable();
    calicoScenario("calico-bgp");
  }

  private void calicoScenario(String name) throws Exception {
    Run run = run(300, List.of(), "lab", name, "-o", "json");
    assertThat(run.code).as(run.errors + run.output).isZero();
    JsonNode report = new ObjectMapper().readTree(run.output);
    assertThat(report.path("pods").size()).isEqualTo(60);
    assertThat(report.path("matrix").path("mismatches").asInt(-1)).isZero();
    assertThat(checks(report))
        .hasSizeGreaterThan(5)
        .allMatch(check -> check.path("ok").asBoolean(), "holds");
  }

  @Test
  void casesOfPolicyAreTriedWithPackets() throws Exception {
    Path cases = directory.resolve("cases.jsonl");
    Files.writeString(
        cases,
        """
        {"id":"c","objects":[\
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"status":{"podIP":"10.0.0.1"}},\
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"y"},"status":{"podIP":"10.0.0.2"}},\
        {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"p"},\
        "spec":{"podSelector":{},"ingress":[{"ports":[{"port":80}]}]}}],"probes":[\
        {"from":"default/x","to":"default/y","protocol":"TCP","port":80},\
        {"from":"default/x","to":"default/y","protocol":"TCP","port":81}]}
        """);
    Run run = run(60, List.of(), "lab", "policy", "--cases", cases.toString());
    assertThat(run.code).as(run.errors).isZero();
    assertThat(run.output)
        .matches("1 clusters, 2 probes with packets .*: 1 allowed, 1 denied, differences: 0\n");
  }

  @Test
  void killsAtAnyMomentOfAChurnLoseNothing() throws Exception {
    String property = System.getProperty("portolan.seed", "");
    long seed =
        property.isBlank()
            ? ThreadLocalRandom.current().nextLong(1_000_000)
            : Long.parseLong(property);
    System.out.println(
        "churn of 200 pods with 50 kills, seed " + seed + "; replay with -Dportolan.seed=" + seed);
    Run run =
        run(
            900,
            List.of(),
            "lab",
            "aws-churn",
            "-o",
            "json",
            "--pods",
            "200",
            "--kills",
            "50",
            "--seed",
            "" + seed);
    assertThat(run.code).as("seed " + seed + "\n" + run.errors + run.output).isZero();
    JsonNode report = new ObjectMapper().readTree(run.output);
    assertThat(checks(report))
        .hasSizeGreaterThan(6)
        .allMatch(check -> check.path("ok").asBoolean(), "holds");
  }

  private static List<JsonNode> checks(JsonNode report) {
    List<JsonNode> checks = new ArrayList<>();
    report.path("checks").forEach(checks::add);
    return checks;
  }

  private record Run(int code, String output, String errors) {}

  private Run run(int seconds, List<String> prefix, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        Stream.of(
                prefix.stream(),
                Stream.of(ROOT.resolve("portolan").toString()),
                Stream.of(arguments))
            .flatMap(words -> words)
            .toList();
    File output = directory.resolve("out-" + System.nanoTime()).toFile();
    File errors = directory.resolve("err-" + System.nanoTime()).toFile();
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(output).redirectError(errors);
    builder.environment().put("PORTOLAN_BUILD", "no");
    builder.environment().put("PORTOLAN_LAB_DIR", directory.resolve("lab").toString());
    Process process = builder.start();
    boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    return new Run(
        ended ? process.exitValue() : -1,
        Files.readString(output.toPath()),
        (ended ? "" : "not ended after " + seconds + " s\n") + Files.readString(errors.toPath()));
  }
}
