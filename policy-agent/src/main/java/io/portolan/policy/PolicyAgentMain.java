package io.portolan.policy;

import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeConnectionException;
import io.portolan.common.metrics.HealthServer;
import io.portolan.common.metrics.Meters;
import io.portolan.common.net.ListenAddress;
import io.portolan.common.options.ApiServerOptions;
import io.portolan.common.options.ListenAddressConverter;
import io.portolan.common.options.LoggingOptions;
import io.portolan.common.options.NodeNameOption;
import io.portolan.linux.conntrack.ConntrackSocket;
import io.portolan.linux.ffi.SystemCallException;
import io.portolan.linux.nflog.NflogReader;
import io.portolan.linux.nft.kernel.KernelNftTables;
import io.portolan.policy.agent.BridgeEnforcer;
import io.portolan.policy.agent.Cleanup;
import io.portolan.policy.agent.KernelConnections;
import io.portolan.policy.agent.KernelInterfaces;
import io.portolan.policy.agent.MeteredObserver;
import io.portolan.policy.agent.NetworkWatch;
import io.portolan.policy.agent.NodePods;
import io.portolan.policy.compile.Reporting;
import io.portolan.policy.nft.Skeleton;
import io.portolan.policy.reports.FlowSink;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code portolan-policy-agent}: enforcement next to a CNI plugin of somebody else. */
@Command(
    name = "portolan-policy-agent",
    mixinStandardHelpOptions = true,
    version = "portolan-policy-agent 0.1.0",
    sortOptions = false,
    header = "Enforces NetworkPolicy for the pods of one node with nftables, whoever wires them.",
    description = {
      "",
      "Owns the tables 'inet portolan' and, where pods share a bridge, 'bridge portolan', and"
          + " touches nothing else. Runs as root in the node's network namespace. Rules stay when"
          + " it ends.",
      "",
      "Options:"
    },
    optionListHeading = "%n",
    footer = {"", "Exit codes: 0 ended as asked, 1 could not start, 2 wrong arguments."})
public final class PolicyAgentMain implements Callable<Integer> {
  private static final Duration AUDIT_INTERVAL = Duration.ofMinutes(2);

  @Mixin private NodeNameOption node = new NodeNameOption();

  @Option(
      names = "--cleanup",
      description = {
        "Removes what agents have left in this node's kernel, and ends: their tables, and their"
            + " bits of connections' marks. To be run when no agent does."
      })
  private boolean cleanup;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private ApiServerOptions api = new ApiServerOptions();

  @Option(
      names = "--metrics-address",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:9465",
      converter = ListenAddressConverter.class,
      description = "Where /healthz, /readyz and /metrics are served (default: ${DEFAULT-VALUE}).")
  private ListenAddress metricsAddress = new ListenAddress("", 0);

  /** What becomes of addresses in containers that no known pod has. */
  enum UnclaimedLinks {
    CLOSED,
    OPEN
  }

  @Option(
      names = "--unclaimed-links",
      paramLabel = "CLOSED|OPEN",
      defaultValue = "CLOSED",
      description =
          "A link into a container whose pod is not known yet lets nothing pass until it is, for"
              + " 10 s at least, for 2 min at most (default: ${DEFAULT-VALUE}).")
  private UnclaimedLinks unclaimedLinks = UnclaimedLinks.CLOSED;

  @Mixin private FlowLogOptions flowLog = new FlowLogOptions();

  @Mixin private LoggingOptions logging = new LoggingOptions();

  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new PolicyAgentMain())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionExceptionHandler((e, command, _) -> {
              if (!isExpected(e)) {
                throw e;
              }
              command.getErr().println("portolan-policy-agent: " + e.getMessage());
              return 1;
            })
            .execute(arguments));
  }

  /** Failures of the surroundings, which their message explains; the rest are bugs. */
  private static boolean isExpected(Exception e) {
    return e instanceof KubeConnectionException
        || e instanceof IOException
        || e instanceof IllegalArgumentException
        || e instanceof SystemCallException;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    logging.apply();
    return cleanup ? cleanUp() : enforce(node.name());
  }

  private Integer cleanUp() {
    try (KernelNftTables tables = KernelNftTables.open();
        KernelConnections connections = new KernelConnections(ConntrackSocket.open())) {
      List<String> removed = Cleanup.run(tables, connections);
      spec.commandLine()
          .getOut()
          .println(
              removed.isEmpty() ? "nothing to remove" : "removed: " + String.join(", ", removed));
    }
    return 0;
  }

  private Integer enforce(String nodeName) throws IOException, InterruptedException {
    Optional<FlowSink> flows = flowLog.sink();
    // Closed in the reverse order, by a signal; the table stays.
    try (Meters meters = new Meters("policy-agent");
        HealthServer health = HealthServer.start(metricsAddress.toSocketAddress(), meters);
        KubeClient client = api.connect("portolan-policy-agent");
        KernelNftTables tables = KernelNftTables.open();
        KernelNftTables counters = KernelNftTables.open();
        KernelConnections connections = new KernelConnections(ConntrackSocket.open());
        KernelNftTables bridgeTables = KernelNftTables.open();
        BridgeEnforcer bridges =
            BridgeEnforcer.start(bridgeTables, BridgeEnforcer::isNetfilterOn, AUDIT_INTERVAL);
        PolicyAgent agent =
            PolicyAgent.start(
                tables, connections, List.of(), new MeteredObserver(meters), Reporting.COUNTS)) {
      health.readiness("policy", agent::problem);
      agent.counts(() -> counters.counters(Skeleton.TABLE)).show(meters, health);
      NodePods pods =
          new NodePods(
              nodeName,
              agent.sink(),
              bridges,
              unclaimedLinks == UnclaimedLinks.CLOSED,
              System::nanoTime);
      try (NetworkWatch network = NetworkWatch.start(pods)) {
        health
            .readiness("pods", pods::problem)
            .readiness("bridges", bridges::problem)
            .readiness("network", network::problem);
        agent.follow(client, nodeName, KernelInterfaces.open(), _ -> pods);
        meters.policyProblems("notunderstood", agent::notUnderstood);
        meters.unclaimedAddresses("closed", pods::closedUnclaimed);
        meters.unclaimedAddresses("open", pods::openUnclaimed);
        flows.ifPresent(sink -> agent.record(NflogReader::open, sink, nodeName).show(meters));
        CountDownLatch terminated = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(terminated::countDown, "signal"));
        terminated.await();
      }
    }
    return 0;
  }
}
