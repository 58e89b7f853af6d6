package io.portolan.node.agent;

import io.portolan.calico.node.CalicoRouting;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.metrics.HealthServer;
import io.portolan.common.metrics.Meters;
import io.portolan.common.options.ApiServerOptions;
import io.portolan.linux.conntrack.ConntrackSocket;
import io.portolan.linux.nflog.NflogReader;
import io.portolan.linux.nft.kernel.KernelNftTables;
import io.portolan.node.install.CniInstaller;
import io.portolan.node.install.InstallSettings;
import io.portolan.node.ipam.PoolView;
import io.portolan.policy.PodEndpoint;
import io.portolan.policy.PolicyAgent;
import io.portolan.policy.PolicyGate;
import io.portolan.policy.agent.BoundPods;
import io.portolan.policy.agent.KernelConnections;
import io.portolan.policy.agent.KernelInterfaces;
import io.portolan.policy.agent.MeteredObserver;
import io.portolan.policy.agent.PodListener;
import io.portolan.policy.compile.Reporting;
import io.portolan.policy.nft.Skeleton;
import io.portolan.policy.reports.FlowSink;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The agent and its surroundings, from start to SIGTERM. */
public final class AgentProcess {
  private static final Logger LOG = LoggerFactory.getLogger(AgentProcess.class);

  private AgentProcess() {}

  /**
   * Runs until the process is told to stop.
   *
   * @param policy whether this node enforces policy
   * @param flows where records of packets go, if they are wanted
   * @param bird where BIRD is, on a node that speaks BGP
   * @param install what to put into the node's CNI directories, if anything
   * @return the exit code
   * @throws IOException if journal, socket or metrics address cannot be had; the message says why
   */
  public static int run(
      AgentSettings settings,
      ApiServerOptions api,
      InetSocketAddress metricsAddress,
      boolean policy,
      Optional<FlowSink> flows,
      Optional<CalicoRouting.Bird> bird,
      Optional<InstallSettings> install)
      throws IOException, InterruptedException {
    Optional<String> refusal = install.flatMap(CniInstaller::refusal);
    if (refusal.isPresent()) {
      throw new IOException(refusal.get());
    }
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .unstarted(() -> {
                  stop.countDown();
                  try {
                    stopped.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
    // The feed is told of pool changes, and there are some before it exists.
    AtomicReference<Optional<NodeNetworkFeed>> feed = new AtomicReference<>(Optional.empty());
    AtomicReference<PoolView> last = new AtomicReference<>(PoolView.EMPTY);
    Consumer<PoolView> publishing =
        now -> {
          PoolView before = last.getAndSet(now);
          feed.get().ifPresent(f -> f.changed(before, now));
        };
    try (KubeClient client = api.connect("portolan-agent");
        Meters meters = new Meters("portolan-agent");
        Enforcement enforcement =
            new Enforcement(policy, settings.nodeName(), client, meters, flows);
        NodeAgent agent =
            NodeAgent.start(
                settings,
                enforcement::start,
                enforcement::problem,
                new AgentMeters(meters, publishing));
        HealthServer health = HealthServer.start(metricsAddress, meters);
        IdleCollection _ = new IdleCollection();
        NodeNetworkFeed started = new NodeNetworkFeed(client, settings.nodeName(), agent);
        CalicoNetworking calico =
            CalicoNetworking.start(client, settings.nodeName(), bird, agent::tunnelMtu)) {
      enforcement.follow(agent.pods());
      feed.set(Optional.of(started));
      AgentMeters.show(meters, agent::pool);
      health.readiness("supply", agent::unsupplied);
      health.readiness("policy", enforcement::problem);
      health.readiness("routes", calico::problem);
      if (bird.isPresent()) {
        meters.bgpSessions("established", () -> calico.sessions(true));
        meters.bgpSessions("down", () -> calico.sessions(false));
      }
      enforcement.show(health);
      LOG.info("serving {} at {}", settings.nodeName(), settings.cniSocket());
      try (Installed installed = Installed.start(install, client, settings.nodeName(), agent)) {
        health.readiness("cni", installed::problem);
        stop.await();
      }
    } finally {
      stopped.countDown();
    }
    return 0;
  }

  /** What is kept in the node's CNI directories, or nothing; ends before the agent does. */
  private record Installed(Optional<CniInstaller> installer) implements AutoCloseable {
    static Installed start(
        Optional<InstallSettings> wanted, KubeClient client, String nodeName, NodeAgent agent) {
      return new Installed(
          wanted.map(settings -> CniInstaller.start(settings, client, nodeName, agent::problem)));
    }

    /** Why the plugin is not where it should be; empty if it is, or is not wanted. */
    Optional<String> problem() {
      return installer.flatMap(CniInstaller::problem);
    }

    @Override
    public void close() {
      installer.ifPresent(CniInstaller::close);
    }
  }

  /** Policy enforcement of this node, or none; ends after the agent that uses it. */
  private static final class Enforcement implements AutoCloseable {
    private final boolean wanted;
    private final String nodeName;
    private final KubeClient client;
    private final Meters meters;
    private Optional<PolicyAgent> agent = Optional.empty();
    private final ConntrackSocket flows = ConntrackSocket.open();
    private Optional<KernelNftTables> tables = Optional.empty();
    private Optional<KernelNftTables> counters = Optional.empty();
    private final Optional<FlowSink> records;

    Enforcement(
        boolean wanted,
        String nodeName,
        KubeClient client,
        Meters meters,
        Optional<FlowSink> records) {
      this.records = records;
      this.wanted = wanted;
      this.nodeName = nodeName;
      this.client = client;
      this.meters = meters;
    }

    Optional<PolicyGate> start(List<PodEndpoint> running) {
      if (wanted) {
        KernelNftTables socket = KernelNftTables.open();
        tables = Optional.of(socket);
        PolicyAgent started =
            PolicyAgent.start(
                socket,
                new KernelConnections(flows),
                running,
                new MeteredObserver(meters),
                records.isPresent() ? Reporting.ALL : Reporting.COUNTS);
        agent = Optional.of(started);
        meters.policyProblems("notunderstood", started::notUnderstood);
      }
      return agent.map(PolicyGate.class::cast);
    }

    /**
     * Watches the cluster.
     *
     * @param pods hears of its pods, too
     */
    void follow(PodListener pods) {
      agent.ifPresent(started -> {
        started.follow(
            client,
            nodeName,
            KernelInterfaces.open(),
            sink -> new BoundPods(nodeName, sink).then(pods));
        records.ifPresent(sink -> started.record(NflogReader::open, sink, nodeName).show(meters));
      });
    }

    /** What policies counted, as metrics and as a page. */
    void show(HealthServer health) {
      agent.ifPresent(started -> {
        KernelNftTables socket = KernelNftTables.open();
        counters = Optional.of(socket);
        started.counts(() -> socket.counters(Skeleton.TABLE)).show(meters, health);
      });
    }

    /** Why policy is not in force; empty if it is, or is not wanted. */
    Optional<String> problem() {
      return agent.flatMap(PolicyAgent::problem);
    }

    @Override
    public void close() {
      agent.ifPresent(PolicyAgent::close);
      tables.ifPresent(KernelNftTables::close);
      counters.ifPresent(KernelNftTables::close);
      flows.close();
    }
  }
}
