package io.portolan.common.options;

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
      required = true,
      paramLabel = "NAME",
      defaultValue = "${env:NODE_NAME}",
      description = "Name of the Kubernetes Node this agent runs on. Environment: NODE_NAME.")
  void take(String given) {
    if (given.isBlank()) {
      throw new ParameterException(
          spec.commandLine(), "--node-name is empty; give the name of this node");
    }
    name = given;
  }

  public String name() {
    return name;
  }
}
