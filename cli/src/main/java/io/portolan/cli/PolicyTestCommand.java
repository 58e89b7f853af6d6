package io.portolan.cli;

import io.portolan.policy.cases.ClusterState;
import io.portolan.policy.cases.MalformedInputException;
import io.portolan.policy.cases.PolicyCases;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code portolan policy test}. */
@Command(
    name = "test",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Do the policies of these manifests allow these connections?",
    customSynopsis = {
      "portolan policy test -f FILE|DIR... --probes FILE [-o FORMAT]",
      "       portolan policy test --cases FILE"
    },
    footer = {
      "",
      "Answers come from the rules that the policy agent programs. A probe is a new connection:",
      "  {\"from\":\"shop/web\",\"to\":\"ip:10.0.0.1\",\"ipFamily\":\"IPv4\",\"protocol\":\"TCP\",\"port\":80}",
      "with TCP, UDP, SCTP, ICMP or a number; optional are sourcePort, icmpType and icmpCode.",
      "A case is a cluster with its probes; lines in a row with one id are its later states:",
      "  {\"id\":\"a\",\"step\":0,\"objects\":[...],\"probes\":[...]}",
      "Where there are staged policies, answers tell what enforcing them would change.",
      "That a connection is denied is an answer. Exit code 2 if the input is wrong."
    })
final class PolicyTestCommand implements Callable<Integer> {
  private static final int OUTPUT_BUFFER = 1 << 16;

  @Spec private CommandSpec spec;

  @Mixin private PolicyOptions options = new PolicyOptions();

  @Option(
      names = "--probes",
      paramLabel = "FILE",
      description = "Probes in JSON Lines, also compressed (.gz); - for standard input.")
  private @Nullable String probes;

  @Option(
      names = "--cases",
      paramLabel = "FILE",
      description = "Clusters and probes in JSON Lines, likewise; answered in JSON.")
  private @Nullable String cases;

  @Override
  public Integer call() throws IOException {
    if (cases != null) {
      if (probes != null || options.hasManifests()) {
        throw new ParameterException(
            spec.commandLine(), "--cases brings its own objects and probes: leave out others");
      }
      return run("--cases", cases, (in, out) -> PolicyCases.answerCases(in, out, this::say));
    }
    if (probes == null || !options.hasManifests()) {
      throw new ParameterException(
          spec.commandLine(), "Give -f FILE and --probes FILE, or --cases FILE");
    }
    ClusterState state;
    try {
      state = options.state(this::say);
    } catch (MalformedInputException e) {
      say(String.valueOf(e.getMessage()));
      return 2;
    }
    return run(
        "--probes",
        probes,
        (in, out) -> PolicyCases.answerProbes(state, in, out, options.format()));
  }

  private interface Run {
    PolicyCases.Summary answer(InputStream in, OutputStream out) throws IOException;
  }

  private int run(String option, String file, Run run) throws IOException {
    PolicyCases.Summary summary;
    try (InputStream in = CaseStreams.open(spec, option, file);
        OutputStream out = new BufferedOutputStream(CaseStreams.checkedOutput(), OUTPUT_BUFFER)) {
      summary = run.answer(in, out);
    } catch (IOException e) {
      throw new IOException(option + " " + file + ": " + e.getMessage(), e);
    }
    if (summary.malformed() == 0) {
      return 0;
    }
    say(
        "%s: %d of %d answers are errors, the first is %s"
            .formatted(file, summary.malformed(), summary.answers(), summary.first()));
    return 2;
  }

  private void say(String line) {
    spec.commandLine().getErr().println("portolan: " + line);
  }
}
