package io.portolan.cli;

import io.portolan.policy.cases.ClusterState;
import io.portolan.policy.cases.MalformedInputException;
import io.portolan.policy.cases.PolicyCases;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** What commands that ask the policies of manifests have in common. */
final class PolicyOptions {
  @Option(
      names = {"-f", "--filename"},
      arity = "1..*",
      paramLabel = "FILE|DIR",
      description = "Manifests: pods, namespaces, nodes and policies in YAML or JSON.")
  private List<Path> manifests = new ArrayList<>();

  @Option(
      names = {"-o", "--output"},
      defaultValue = "text",
      paramLabel = "FORMAT",
      description = "text or json (default: ${DEFAULT-VALUE}).")
  private LabCommand.Output output = LabCommand.Output.text;

  boolean hasManifests() {
    return !manifests.isEmpty();
  }

  /** The cluster of the manifests. */
  ClusterState state(Consumer<String> notes) throws IOException, MalformedInputException {
    return ClusterState.of(ManifestFiles.read(manifests), notes);
  }

  PolicyCases.Format format() {
    return switch (output) {
      case text -> PolicyCases.Format.TEXT;
      case json -> PolicyCases.Format.JSON;
    };
  }
}
