package io.portolan.cli;

import io.portolan.policy.cases.ClusterState;
import io.portolan.policy.cases.MalformedInputException;
import io.portolan.policy.cases.PolicyChanges;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code portolan policy diff}. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Which connections between pods does a change of manifests allow or deny?",
    customSynopsis = {
      "portolan policy diff -f FILE|DIR... --against FILE|DIR... [-o FORMAT]",
      "       portolan policy diff -f FILE|DIR... --staged [-o FORMAT]"
    },
    footer = {
      "",
      "Compared is every pod of both with every other, over each port that a policy or container",
      "names and one that none does. Only what changes is printed. Exit code 2 for wrong input."
    })
final class PolicyDiffCommand implements Callable<Integer> {
  private static final int OUTPUT_BUFFER = 1 << 16;

  @Spec private CommandSpec spec;

  @Mixin private PolicyOptions options = new PolicyOptions();

  @Option(
      names = "--against",
      arity = "1..*",
      paramLabel = "FILE|DIR",
      description = "The manifests as they are to be; -f names them as they are.")
  private List<Path> after = List.of();

  @Option(
      names = "--staged",
      description = "Instead of --against: the same manifests with staged policies enforced.")
  private boolean staged;

  @Override
  public Integer call() throws IOException {
    if (!options.hasManifests() || staged != after.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "Give -f FILE, and either --against FILE or --staged");
    }
    ClusterState old;
    ClusterState next;
    try {
      old = options.state(this::say);
      next = staged ? old.enforcingStaged() : ClusterState.of(ManifestFiles.read(after), this::say);
    } catch (MalformedInputException e) {
      say(String.valueOf(e.getMessage()));
      return 2;
    }
    PolicyChanges.Summary summary;
    try (OutputStream out = new BufferedOutputStream(CaseStreams.checkedOutput(), OUTPUT_BUFFER)) {
      summary = PolicyChanges.write(old, next, out, options.format());
    }
    say("%d of %d connections change".formatted(summary.changed(), summary.compared()));
    return 0;
  }

  private void say(String line) {
    spec.commandLine().getErr().println("portolan: " + line);
  }
}
