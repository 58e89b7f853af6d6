package io.portolan.cli;

import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** One line for people; the stack trace only when asked for with {@code PORTOLAN_DEBUG=1}. */
final class PlainErrors implements IExecutionExceptionHandler {
  @Override
  public int handleExecutionException(
      Exception exception, CommandLine commandLine, ParseResult parseResult) {
    String message = exception.getMessage();
    commandLine.getErr().println("portolan: " + (message == null ? exception.toString() : message));
    if (System.getenv("PORTOLAN_DEBUG") != null) {
      exception.printStackTrace(commandLine.getErr());
    }
    return CommandLine.ExitCode.SOFTWARE;
  }
}
