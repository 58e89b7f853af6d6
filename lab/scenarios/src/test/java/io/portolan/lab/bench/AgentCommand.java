package io.portolan.lab.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The source tree's node agent, as tests start it: with their own class path. */
final class AgentCommand {
  private static final Path ROOT = Path.of(System.getProperty("portolan.root"));

  private AgentCommand() {}

  static List<String> of(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String line : Files.readAllLines(ROOT.resolve("node-agent/src/main/dist/jvm.options"))) {
      if (!line.isBlank() && !line.startsWith("#")) {
        command.add(line.strip());
      }
    }
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), "io.portolan.node.NodeAgentMain"));
    command.addAll(arguments);
    return command;
  }

  static Path shim() {
    return ROOT.resolve("node-agent/target/portolan-cni");
  }

  static List<Path> customResources() throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("deploy/crds"))) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }
}
