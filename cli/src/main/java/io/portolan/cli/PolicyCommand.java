package io.portolan.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code portolan policy …}: questions about network policy. */
@Command(
    name = "policy",
    mixinStandardHelpOptions = true,
    description = "Answers questions about network policy.",
    subcommands = {
      PolicyExplainCommand.class,
      PolicyTestCommand.class,
      PolicyDiffCommand.class,
      PolicySelectorCommand.class
    },
    synopsisSubcommandLabel = "COMMAND")
final class PolicyCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "A command is missing; there are: explain, test, diff, selector.");
  }
}
