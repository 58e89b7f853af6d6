package io.portolan.node;

import io.portolan.common.kube.KubeConnectionException;
import io.portolan.common.logging.Logging;
import io.portolan.common.net.Cidr;
import io.portolan.node.agent.AgentProcess;
import io.portolan.node.agent.AgentSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The node agent: serves the container runtime's CNI requests on one node. */
@Command(
    name = "portolan-agent",
    mixinStandardHelpOptions = true,
    version = "portolan-agent 0.1.0",
    sortOptions = false,
    description = "Connects the pods of one node: addresses, links, routes and policy.")
public final class NodeAgentMain implements Callable<Integer> {
  @Option(
      names = "--node-name",
      required = true,
      description = "Name of the Kubernetes Node this agent runs on.")
  private String nodeName = "";

  @Option(names = "--kubeconfig", description = "How to reach the API server; in a pod not needed.")
  private @Nullable Path kubeconfig;

  @Option(names = "--api-server", description = "URL of the API server, without credentials.")
  private @Nullable URI apiServer;

  @Option(
      names = "--cni-socket",
      description = "Where portolan-cni connects. Default: cni.sock in the run directory")
  private @Nullable Path cniSocket;

  @Option(
      names = "--state-dir",
      defaultValue = "/var/lib/portolan",
      description = "Journal and supply; must survive restarts. Default: ${DEFAULT-VALUE}")
  private Path stateDirectory = Path.of("");

  @Option(
      names = "--run-dir",
      defaultValue = "/run/portolan",
      description = "Files that need not survive a reboot. Default: ${DEFAULT-VALUE}")
  private Path runDirectory = Path.of("");

  @Option(
      names = "--metrics-address",
      defaultValue = "127.0.0.1:9180",
      description = "HOST:PORT of /metrics, /healthz and /readyz. Default: ${DEFAULT-VALUE}")
  private String metricsAddress = "";

  @Option(
      names = "--policy",
      defaultValue = "on",
      description = "Enforce NetworkPolicy on this node: on or off. Default: ${DEFAULT-VALUE}")
  private String policy = "";

  @Option(
      names = "--interface-prefix",
      defaultValue = "eni",
      description = "First letters of host ends of pod links. Default: ${DEFAULT-VALUE}")
  private String interfacePrefix = "";

  @Option(names = "--pod-mtu", description = "MTU of pods in bytes. Default: the uplink's")
  private @Nullable Integer podMtu;

  @Option(
      names = "--cooldown",
      defaultValue = "30",
      description = "Seconds an address rests after its pod. Default: ${DEFAULT-VALUE}")
  private int cooldownSeconds;

  @Option(
      names = "--address-timeout",
      defaultValue = "30",
      description = "Seconds ADD waits for an address. Default: ${DEFAULT-VALUE}")
  private int addressTimeoutSeconds;

  @Option(
      names = "--policy-timeout",
      defaultValue = "2000",
      description =
          "Milliseconds ADD waits for a pod's policy; then it fails. Default: ${DEFAULT-VALUE}")
  private int policyTimeoutMillis;

  @Option(
      names = "--nat-outgoing",
      defaultValue = "true",
      arity = "1",
      description =
          "Outside the VPC pods appear with the node's address. Default: ${DEFAULT-VALUE}")
  private boolean natOutgoing;

  @Option(
      names = "--nat-exclude",
      split = ",",
      description = "Destinations outside the VPC that see the pod's address: CIDRs.")
  private List<String> natExclusions = List.of();

  @Option(
      names = "--log-format",
      defaultValue = "JSON",
      description = "JSON or TEXT. Default: ${DEFAULT-VALUE}")
  private Logging.Format logFormat = Logging.Format.JSON;

  @Option(
      names = "--log-level",
      defaultValue = "INFO",
      description = "DEBUG, INFO, WARN or ERROR. Default: ${DEFAULT-VALUE}")
  private Logging.Threshold logLevel = Logging.Threshold.INFO;

  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new NodeAgentMain())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(arguments));
  }

  @Override
  public Integer call() throws InterruptedException {
    Logging.configure(logFormat, logLevel);
    try {
      return AgentProcess.run(
          settings(),
          Optional.ofNullable(kubeconfig),
          Optional.ofNullable(apiServer),
          address(),
          policyOn());
    } catch (IOException | KubeConnectionException | IllegalArgumentException e) {
      System.err.println("portolan-agent: " + e.getMessage());
      return 1;
    }
  }

  private boolean policyOn() {
    return switch (policy) {
      case "on" -> true;
      case "off" -> false;
      default ->
          throw new IllegalArgumentException("--policy must be on or off, not '" + policy + "'");
    };
  }

  private AgentSettings settings() {
    return new AgentSettings(
        nodeName,
        cniSocket == null ? runDirectory.resolve("cni.sock") : cniSocket,
        stateDirectory,
        interfacePrefix,
        podMtu == null ? OptionalInt.empty() : OptionalInt.of(podMtu),
        Duration.ofSeconds(cooldownSeconds),
        Duration.ofSeconds(addressTimeoutSeconds),
        Duration.ofMillis(policyTimeoutMillis),
        natOutgoing,
        natExclusions.stream().map(Cidr::parse).toList());
  }

  private InetSocketAddress address() {
    int colon = metricsAddress.lastIndexOf(':');
    try {
      return new InetSocketAddress(
          metricsAddress.substring(0, colon),
          Integer.parseInt(metricsAddress.substring(colon + 1)));
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "--metrics-address must be HOST:PORT, not '" + metricsAddress + "'", e);
    }
  }
}
