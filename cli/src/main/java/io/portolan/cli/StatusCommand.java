package io.portolan.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.cli.status.ClusterStatus;
import io.portolan.cli.status.StatusTable;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import io.portolan.common.kube.ResourcePath;
import io.portolan.common.logging.Logging;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code portolan status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Nodes, their addresses, health and versions, in one table.",
    footer = {
      "",
      "Reads Nodes, NodeNetworks and the pods with the label app.kubernetes.io/part-of=portolan.",
      "Exit code 0 if all is well, 1 if a node or program is not, or the API server cannot be"
          + " asked."
    })
final class StatusCommand implements Callable<Integer> {
  private static final String OWN_PODS =
      ResourcePath.PODS.collection("") + "?labelSelector=app.kubernetes.io/part-of%3Dportolan";

  @Spec private CommandSpec spec;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "The cluster (default: the environment's KUBECONFIG, or ~/.kube/config).")
  private @Nullable Path kubeconfig;

  @Option(
      names = "--api-server",
      paramLabel = "URL",
      description = "An API server that asks for no credentials, instead of --kubeconfig.")
  private @Nullable URI apiServer;

  /** How it is written. */
  enum Format {
    TEXT,
    JSON
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "text|json",
      defaultValue = "TEXT",
      description = "Format (default: text).")
  private Format format = Format.TEXT;

  @Override
  public Integer call() throws IOException {
    // Standard output is for the answer.
    Logging.configure(Logging.Format.TEXT, Logging.Threshold.WARN);
    ClusterStatus status;
    try (KubeClient client = client()) {
      status =
          ClusterStatus.of(
              list(client, ResourcePath.NODES.collection("")),
              list(client, ResourcePath.NODE_NETWORKS.collection("")),
              list(client, OWN_PODS));
    }
    switch (format) {
      case TEXT -> System.out.print(StatusTable.of(status));
      case JSON ->
          System.out.println(
              JsonMapper.builder()
                  .build()
                  .writerWithDefaultPrettyPrinter()
                  .writeValueAsString(status));
    }
    return status.hasProblems() ? 1 : 0;
  }

  private static ObjectNode list(KubeClient client, String path) throws IOException {
    return switch (client.get(path)) {
      case KubeResult.Ok<ObjectNode>(ObjectNode found) -> found;
      case KubeResult.Failed<ObjectNode>(KubeFault fault) -> {
        // Beside another plugin, NodeNetworks need not be installed.
        if (fault.kind() == KubeFault.Kind.NOT_FOUND) {
          yield JsonNodeFactory.instance.objectNode();
        }
        throw new IOException("the API server cannot be asked: " + fault);
      }
    };
  }

  private KubeClient client() {
    if (kubeconfig != null && apiServer != null) {
      throw new ParameterException(
          spec.commandLine(), "Give --kubeconfig or --api-server, not both");
    }
    if (apiServer != null) {
      return KubeClient.to(apiServer, Optional.empty(), "portolan");
    }
    if (kubeconfig != null) {
      return KubeClient.fromKubeconfig(kubeconfig, "portolan");
    }
    String configured = Optional.ofNullable(System.getenv("KUBECONFIG")).orElse("");
    Path file =
        configured.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".kube", "config")
            : Path.of(configured);
    if (!Files.isReadable(file)) {
      throw new ParameterException(
          spec.commandLine(),
          "There is no " + file + "; give --kubeconfig FILE or --api-server URL");
    }
    return KubeClient.fromKubeconfig(file, "portolan");
  }
}
