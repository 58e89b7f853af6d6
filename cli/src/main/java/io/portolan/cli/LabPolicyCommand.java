package io.portolan.cli;

import io.portolan.lab.policy.PacketCases;
import io.portolan.lab.policy.PacketCasesReport;
import io.portolan.lab.scenario.Progress;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code portolan lab policy}. */
@Command(
    name = "policy",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Do packets pass exactly where the policies of these cases say?",
    description = {
      "",
      "Makes each case's cluster of network namespaces, one for each pod and node, with the policy"
          + " agent's engine on every node; sends the first packet of each probe's connection and"
          + " looks whether it arrives; compares with what `portolan policy test` answers."
    },
    footer = {
      "",
      "A case is a cluster with its probes; lines in a row with one id are its later states:",
      "  {\"id\":\"a\",\"step\":0,\"objects\":[...],\"probes\":[...]}",
      "as `portolan policy test --cases` reads them. What has no pod's and no node's",
      "address is a machine outside.",
      "Exit code 1 if packets and answers differ anywhere, 2 if the input is wrong."
    })
final class LabPolicyCommand implements Callable<Integer> {
  private static final int OUTPUT_BUFFER = 1 << 16;

  @Spec private CommandSpec spec;

  @Option(
      names = "--cases",
      required = true,
      paramLabel = "FILE",
      description =
          "Clusters and probes in JSON Lines, also compressed (.gz); - for standard input.")
  private String cases = "";

  @Option(
      names = {"-o", "--output"},
      defaultValue = "text",
      paramLabel = "FORMAT",
      description =
          "text: differences and a summary; json: a line for each probe (default:"
              + " ${DEFAULT-VALUE}).")
  private LabCommand.Output output = LabCommand.Output.text;

  @Override
  public Integer call() throws IOException {
    Progress progress = new Progress(System.err);
    PacketCasesReport.Format format =
        switch (output) {
          case text -> PacketCasesReport.Format.TEXT;
          case json -> PacketCasesReport.Format.JSON;
        };
    try (InputStream in = CaseStreams.open(spec, "--cases", cases);
        OutputStream out = new BufferedOutputStream(CaseStreams.checkedOutput(), OUTPUT_BUFFER)) {
      PacketCasesReport report = new PacketCasesReport(out, format, progress::step);
      report.end(PacketCases.run(in, note -> say(note), report));
      return report.exitCode();
    }
  }

  private void say(String line) {
    spec.commandLine().getErr().println("portolan: " + line);
  }
}
