package io.portolan.common.options;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which node a program runs on. A {@code @Mixin} of the mains of agents. */
public final class NodeNameOption {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  private String name = "";

  @Option(
      names = "--node-name",
      paramLabel = "NAME",
      defaultValue = "${env:NODE_NAME}",
      description = "Name of the Kubernetes Node this agent runs on. Environment: NODE_NAME.")
  void take(@Nullable String given) {
    if (given == null) {
      return;
    }
    if (given.isBlank()) {
      throw new ParameterException(
          spec.commandLine(), "--node-name is empty; give the name of this node");
    }
    name = given;
  }

  /**
   * @throws ParameterException if none was given; asked for by whoever needs it, as not all that a
   *     program does may
   */
  public String name() {
    if (name.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "Missing required option: '--node-name=NAME'");
    }
    return name;
  }
}
