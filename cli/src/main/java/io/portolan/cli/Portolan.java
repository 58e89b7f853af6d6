package io.portolan.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Entry point of the {@code portolan} command. */
@Command(
    name = "portolan",
    mixinStandardHelpOptions = true,
    version = "portolan 0.1.0",
    description = "Cloud-native pod networking and network policy for Kubernetes.",
    subcommands = {
      StatusCommand.class,
      LabCommand.class,
      PolicyCommand.class,
      SimCommand.class,
      BenchCommand.class
    },
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "From a source tree, besides: @|bold ./portolan build|@ and @|bold ./portolan test|@.",
      "Exit codes: 0 all is well; 1 a check failed; 2 the command line was wrong."
    })
public final class Portolan implements Runnable {
  @Spec private CommandSpec spec;

  private Portolan() {}

  /** Runs the command line and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Portolan()).setExecutionExceptionHandler(new PlainErrors());
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "A command is missing.");
  }
}
