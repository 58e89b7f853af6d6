package io.portolan.node;

import io.portolan.common.kube.KubeConnectionException;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.ListenAddress;
import io.portolan.common.options.ApiServerOptions;
import io.portolan.common.options.ListenAddressConverter;
import io.portolan.common.options.LoggingOptions;
import io.portolan.common.options.NodeNameOption;
import io.portolan.linux.ffi.SystemCallException;
import io.portolan.linux.netlink.NetlinkException;
import io.portolan.linux.sysctl.SysctlException;
import io.portolan.linux.sysctl.SysctlKey;
import io.portolan.node.agent.AgentProcess;
import io.portolan.node.agent.AgentSettings;
import io.portolan.node.endpoint.HostInterfaceName;
import io.portolan.node.install.InstallSettings;
import io.portolan.policy.FlowLogOptions;
import io.portolan.policy.reports.FlowSink;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The node agent: serves the container runtime's CNI requests on one node. */
@Command(
    name = "portolan-agent",
    mixinStandardHelpOptions = true,
    version = "portolan-agent 0.1.0",
    sortOptions = false,
    header = "Connects the pods of one node: addresses, links, routes and policy.",
    description = {
      "",
      "Answers portolan-cni over a Unix socket, from the addresses that this node's NodeNetwork"
          + " lists. Runs as root in the node's network namespace. Pods, their links, routes and"
          + " rules stay when it ends.",
      "",
      "Options:"
    },
    optionListHeading = "%n",
    footer = {
      "",
      "Exit codes: 0 ended as asked, 1 could not start or lost what it needs, 2 wrong arguments."
    })
public final class NodeAgentMain implements Callable<Integer> {
  /** portolan-cni gives up after 90 seconds; the agent's explanation has to come before. */
  private static final int LONGEST_WAIT_SECONDS = 80;

  private static final int LEAST_MTU = 1280;
  private static final int MOST_MTU = 65_535;

  @Mixin private NodeNameOption node = new NodeNameOption();

  @Mixin private ApiServerOptions api = new ApiServerOptions();

  @Option(
      names = "--cni-socket",
      paramLabel = "FILE",
      description = "Where portolan-cni connects. Default: cni.sock in the directory of --run-dir.")
  private @Nullable Path cniSocket;

  @Option(
      names = "--state-dir",
      paramLabel = "DIR",
      defaultValue = "/var/lib/portolan",
      description =
          "Journal of attachments and last known supply; must survive restarts."
              + " Default: ${DEFAULT-VALUE}.")
  private Path stateDirectory = Path.of("");

  @Option(
      names = "--run-dir",
      paramLabel = "DIR",
      defaultValue = "/run/portolan",
      description = "Files that need not survive a reboot. Default: ${DEFAULT-VALUE}.")
  private Path runDirectory = Path.of("");

  @Option(
      names = "--metrics-address",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:9180",
      converter = ListenAddressConverter.class,
      description = "Where /metrics, /healthz and /readyz are served. Default: ${DEFAULT-VALUE}.")
  private ListenAddress metricsAddress = new ListenAddress("", 0);

  @Option(
      names = "--policy",
      paramLabel = "on|off",
      defaultValue = "on",
      description = "Whether NetworkPolicy is enforced on this node. Default: ${DEFAULT-VALUE}.")
  private String policy = "";

  @Option(
      names = "--interface-prefix",
      paramLabel = "TEXT",
      defaultValue = "eni",
      description =
          "First letters of the host ends of pod links, 1 to 4 characters."
              + " Default: ${DEFAULT-VALUE}.")
  private String interfacePrefix = "";

  @Option(
      names = "--pod-mtu",
      paramLabel = "BYTES",
      description =
          "MTU of pod interfaces, 1280 to 65535. Default: that of the interface the default route"
              + " leaves by.")
  private @Nullable Integer podMtu;

  @Option(
      names = "--cooldown",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description =
          "How long an address rests after its pod before another pod gets it."
              + " Default: ${DEFAULT-VALUE}.")
  private int cooldownSeconds;

  @Option(
      names = "--address-timeout",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description =
          "How long ADD waits for a free address before it fails, 1 to 80."
              + " Default: ${DEFAULT-VALUE}.")
  private int addressTimeoutSeconds;

  @Option(
      names = "--policy-timeout",
      paramLabel = "MILLISECONDS",
      defaultValue = "2000",
      description =
          "How long ADD waits until the pod's policy is in force before it fails."
              + " Default: ${DEFAULT-VALUE}.")
  private int policyTimeoutMillis;

  @Option(
      names = "--nat-outgoing",
      paramLabel = "true|false",
      defaultValue = "true",
      arity = "1",
      description =
          "Whether destinations outside the VPC see the node's address instead of the pod's."
              + " Default: ${DEFAULT-VALUE}.")
  private boolean natOutgoing;

  @Option(
      names = "--nat-exclude",
      paramLabel = "CIDR",
      split = ",",
      description =
          "Destinations outside the VPC that see the pod's address all the same; several joined by"
              + " commas. Default: none.")
  private List<String> natExclusions = List.of();

  @Option(
      names = "--sysctl-dir",
      paramLabel = "DIR",
      description =
          "Another mount of /proc/sys/net, for containers, where that one is read-only."
              + " Default: /proc/sys/net.")
  private @Nullable Path sysctlDirectory;

  @Mixin private BgpOptions bgp = new BgpOptions();

  @Mixin private InstallOptions install = new InstallOptions();

  @Mixin private FlowLogOptions flowLog = new FlowLogOptions();

  @Mixin private LoggingOptions logging = new LoggingOptions();

  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new NodeAgentMain())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(arguments));
  }

  @Override
  public Integer call() throws InterruptedException {
    logging.apply();
    AgentSettings settings;
    boolean enforced;
    Optional<FlowSink> flows;
    Optional<InstallSettings> installed;
    try {
      settings = settings();
      enforced = policyOn();
      flows = flowLog.sink();
      installed = install.settings();
      if (sysctlDirectory != null) {
        named(
            "--sysctl-dir",
            sysctlDirectory.toString(),
            directory -> {
              SysctlKey.root(Path.of(directory));
              return directory;
            });
      }
    } catch (IllegalArgumentException e) {
      return failed(e, CommandLine.ExitCode.USAGE);
    }
    try {
      return AgentProcess.run(
          settings,
          api,
          metricsAddress.toSocketAddress(),
          enforced,
          flows,
          bgp.bird(runDirectory),
          installed);
    } catch (IOException
        | KubeConnectionException
        | NetlinkException
        | SysctlException
        | SystemCallException e) {
      return failed(e, CommandLine.ExitCode.SOFTWARE);
    }
  }

  private static int failed(Exception e, int exitCode) {
    System.err.println("portolan-agent: " + e.getMessage());
    return exitCode;
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
        node.name(),
        cniSocket == null ? runDirectory.resolve("cni.sock") : cniSocket,
        stateDirectory,
        named(
            "--interface-prefix",
            interfacePrefix,
            prefix -> {
              var _ = new HostInterfaceName(prefix);
              return prefix;
            }),
        podMtu == null
            ? OptionalInt.empty()
            : OptionalInt.of(within("--pod-mtu", podMtu, LEAST_MTU, MOST_MTU)),
        Duration.ofSeconds(within("--cooldown", cooldownSeconds, 0, 3600)),
        Duration.ofSeconds(
            within("--address-timeout", addressTimeoutSeconds, 1, LONGEST_WAIT_SECONDS)),
        Duration.ofMillis(
            within("--policy-timeout", policyTimeoutMillis, 1, LONGEST_WAIT_SECONDS * 1000)),
        natOutgoing,
        natExclusions.stream().map(text -> named("--nat-exclude", text, Cidr::parse)).toList());
  }

  private static int within(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          option + " must be from " + least + " to " + most + ", not " + value);
    }
    return value;
  }

  private static <T> T named(String option, String value, Function<String, T> reading) {
    try {
      return reading.apply(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
    }
  }
}
