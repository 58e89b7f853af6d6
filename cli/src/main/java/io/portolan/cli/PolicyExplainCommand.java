package io.portolan.cli;

import io.portolan.common.kube.KubeClient;
import io.portolan.common.logging.Logging;
import io.portolan.policy.cases.ClusterState;
import io.portolan.policy.cases.Explanation;
import io.portolan.policy.cases.ExplanationWriter;
import io.portolan.policy.cases.LiveObjects;
import io.portolan.policy.cases.MalformedInputException;
import io.portolan.policy.cases.Probe;
import io.portolan.policy.cases.ProbedCluster;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code portolan policy explain}. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Why is a connection allowed or denied in this cluster?",
    customSynopsis = {
      "portolan policy explain FROM TO SERVICE [--kubeconfig FILE | --api-server URL] [-o FORMAT]",
      "       portolan policy explain FROM TO SERVICE -f FILE|DIR... [-o FORMAT]"
    },
    footer = {
      "",
      "Both ends are explained: the tiers that the connection comes to, the policies in them that",
      "select the pod, and the rule or end of tier that decides, by the rules that the policy"
          + " agent",
      "programs for the objects that the API server lists now. Nothing is sent.",
      "",
      "  portolan policy explain shop/web shop/db 5432/tcp",
      "  portolan policy explain shop/web ip:203.0.113.7 icmp",
      "",
      "That a connection is denied is an answer. Exit code 2 if an argument or object is wrong, 1"
          + " if",
      "the API server cannot be asked."
    })
final class PolicyExplainCommand implements Callable<Integer> {
  private static final int OUTPUT_BUFFER = 1 << 16;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "FROM", description = "NAMESPACE/POD, or ip:ADDRESS.")
  private String from = "";

  @Parameters(index = "1", paramLabel = "TO", description = "Likewise.")
  private String to = "";

  @Parameters(
      index = "2",
      paramLabel = "SERVICE",
      description = "PORT/PROTO such as 80/tcp, icmp, or the number of a protocol.")
  private String service = "";

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

  @Mixin private PolicyOptions options = new PolicyOptions();

  @Override
  public Integer call() throws IOException {
    boolean live = kubeconfig != null || apiServer != null;
    if ((live && options.hasManifests()) || (kubeconfig != null && apiServer != null)) {
      throw new ParameterException(
          spec.commandLine(), "Give one of --kubeconfig, --api-server and -f");
    }
    try {
      Probe probe = Probe.of(from, to, service);
      ClusterState state = options.hasManifests() ? options.state(this::say) : liveState(client());
      Explanation now = explain(state, probe);
      Optional<Explanation> then =
          state.hasStaged()
              ? Optional.of(explain(state.enforcingStaged(), probe))
              : Optional.empty();
      try (OutputStream out =
          new BufferedOutputStream(CaseStreams.checkedOutput(), OUTPUT_BUFFER)) {
        ExplanationWriter.write(probe, now, then, out, options.format());
      }
      return 0;
    } catch (MalformedInputException e) {
      say(String.valueOf(e.getMessage()));
      return 2;
    }
  }

  private static Explanation explain(ClusterState state, Probe probe)
      throws MalformedInputException {
    ProbedCluster cluster = new ProbedCluster();
    cluster.become(state);
    return cluster.explain(probe);
  }

  private ClusterState liveState(KubeClient client) throws IOException, MalformedInputException {
    try (client) {
      return ClusterState.of(LiveObjects.read(client, this::say), this::say);
    }
  }

  private KubeClient client() {
    // Standard output is for the answer.
    Logging.configure(Logging.Format.TEXT, Logging.Threshold.WARN);
    String userAgent = "portolan";
    if (apiServer != null) {
      return KubeClient.to(apiServer, Optional.empty(), userAgent);
    }
    if (kubeconfig != null) {
      return KubeClient.fromKubeconfig(kubeconfig, userAgent);
    }
    String configured = Optional.ofNullable(System.getenv("KUBECONFIG")).orElse("");
    Path file =
        configured.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".kube", "config")
            : Path.of(configured);
    if (!Files.isReadable(file)) {
      throw new ParameterException(
          spec.commandLine(),
          "There is no " + file + " to read: give --kubeconfig, --api-server or -f");
    }
    return KubeClient.fromKubeconfig(file, userAgent);
  }

  private void say(String line) {
    spec.commandLine().getErr().println("portolan: " + line);
  }
}
