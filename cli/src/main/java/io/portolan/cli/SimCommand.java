package io.portolan.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code portolan sim …}: cloud simulators alone. */
@Command(
    name = "sim",
    mixinStandardHelpOptions = true,
    description = "A cloud's API on this machine, for any client of that cloud.",
    subcommands = {SimAwsCommand.class, SimAwsMachinesCommand.class},
    synopsisSubcommandLabel = "CLOUD")
final class SimCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "A cloud is missing; there are: aws, aws-machines.");
  }
}
