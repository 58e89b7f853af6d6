package io.portolan.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code portolan policy …}: questions about network policy, answered without a cluster. */
@Command(
    name = "policy",
    mixinStandardHelpOptions = true,
    description = "Answers questions about network policy, without a cluster.",
    subcommands = {PolicySelectorCommand.class, PolicyTestCommand.class, PolicyDiffCommand.class},
    synopsisSubcommandLabel = "COMMAND")
final class PolicyCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "A command is missing; there are: selector, test, diff.");
  }
}
