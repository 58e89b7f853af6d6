package io.portolan.lab.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The built programs that a lab runs as processes, as users run them.
 *
 * @param home the source tree they were built in
 */
public record Software(Path home) {
  /** The tree the front door script was called in. */
  public static Software current() {
    String home = System.getProperty("portolan.home");
    if (home == null) {
      throw new IllegalStateException(
          "-Dportolan.home is not set; start the lab with ./portolan lab");
    }
    return new Software(Path.of(home));
  }

  /** The CNI plugin that the container runtime executes. */
  public Path cniShim() {
    return existing(home.resolve("node-agent/target/portolan-cni"));
  }

  /** The program that executes CNI plugins and takes their times. */
  public Path cniStopwatch() {
    return existing(home.resolve("lab/scenarios/target/cni-stopwatch"));
  }

  /** CRDs to install into the API server. */
  public List<Path> customResourceDefinitions() throws IOException {
    try (var files = Files.list(home.resolve("deploy/crds"))) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  /** The command line of the AWS controller. */
  public List<String> awsController(List<String> arguments) throws IOException {
    return java("aws-vpc", "io.portolan.aws.AwsVpcMain", arguments);
  }

  /** The command line of the node agent. */
  public List<String> nodeAgent(List<String> arguments) throws IOException {
    return java("node-agent", "io.portolan.node.NodeAgentMain", arguments);
  }

  private List<String> java(String module, String mainClass, List<String> arguments)
      throws IOException {
    Path target = home.resolve(module + "/target");
    existing(target.resolve("lib"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    Path options = home.resolve(module + "/src/main/dist/jvm.options");
    if (Files.exists(options)) {
      for (String line : Files.readAllLines(options)) {
        if (!line.isBlank() && !line.startsWith("#")) {
          command.add(line.strip());
        }
      }
    } else {
      command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    }
    Path cache = target.resolve(module + ".aot");
    if (Files.exists(cache)) {
      command.addAll(
          List.of("-XX:AOTCache=" + cache, "-XX:AOTMode=auto", "-Xlog:aot*=off", "-Xlog:cds*=off"));
    }
    command.addAll(List.of("-cp", classPath(target, module), mainClass));
    command.addAll(arguments);
    return command;
  }

  /** As the launchers have it: an AOT cache holds for the class path it was made with. */
  private static String classPath(Path target, String module) throws IOException {
    try (Stream<Path> libraries = Files.list(target.resolve("lib"))) {
      return Stream.concat(
              Stream.of(target.resolve(module + ".jar")),
              libraries.filter(file -> file.toString().endsWith(".jar")).sorted())
          .map(Path::toString)
          .collect(Collectors.joining(":"));
    }
  }

  private static Path existing(Path path) {
    if (!Files.exists(path)) {
      throw new IllegalStateException(path + " is missing; build with ./portolan build");
    }
    return path;
  }
}
