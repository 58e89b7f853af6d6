package io.portolan.policy;

import io.portolan.common.kube.EventWriter;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.net.IpAddress;
import io.portolan.linux.nft.NftTables;
import io.portolan.policy.agent.ClusterFeeds;
import io.portolan.policy.agent.ClusterSink;
import io.portolan.policy.agent.Connections;
import io.portolan.policy.agent.EnforcementObserver;
import io.portolan.policy.agent.EnforcementThread;
import io.portolan.policy.agent.Enforcer;
import io.portolan.policy.agent.ForgottenAddresses;
import io.portolan.policy.agent.HostInterfaces;
import io.portolan.policy.agent.InterfaceFeed;
import io.portolan.policy.agent.PodListener;
import io.portolan.policy.agent.PolicyProblems;
import io.portolan.policy.agent.TellingObserver;
import io.portolan.policy.compile.ReportNames;
import io.portolan.policy.compile.Reporting;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.PodName;
import io.portolan.policy.nft.Generation;
import io.portolan.policy.nft.Skeleton;
import io.portolan.policy.reports.FlowLog;
import io.portolan.policy.reports.FlowRecorder;
import io.portolan.policy.reports.FlowSink;
import io.portolan.policy.reports.PolicyCounts;
import io.portolan.policy.status.StatusReporter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Policy enforcement of one node, to be embedded in the process that wires its pods.
 *
 * <p>Closing it, or the death of the process, leaves the rules in the kernel: running pods keep
 * their policy, pods that were isolated stay so.
 */
public final class PolicyAgent implements PolicyGate, AutoCloseable {
  private static final Duration AUDIT_INTERVAL = Duration.ofMinutes(2);

  /**
   * Pods that end within so much time have their connections removed together. Addresses rest for
   * longer, unless they are told not to.
   */
  private static final Duration CONNECTIONS_WINDOW = Duration.ofMillis(200);

  /** How long like packets are added up before they are written. */
  private static final Duration FLOW_WINDOW = Duration.ofSeconds(5);

  private final EnforcementThread thread;
  private final ForgottenAddresses forgotten;
  private final ExecutorService connectionsThread;
  private final PolicyProblems problems;
  private final ReportNames names;
  private Optional<ClusterFeeds> feeds = Optional.empty();
  private Optional<InterfaceFeed> interfaceFeed = Optional.empty();
  private Optional<EventWriter> events = Optional.empty();
  private Optional<StatusReporter> statuses = Optional.empty();
  private Optional<FlowLog> flowLog = Optional.empty();

  private PolicyAgent(
      EnforcementThread thread,
      ForgottenAddresses forgotten,
      ExecutorService connectionsThread,
      PolicyProblems problems,
      ReportNames names) {
    this.problems = problems;
    this.names = names;
    this.thread = thread;
    this.forgotten = forgotten;
    this.connectionsThread = connectionsThread;
  }

  /**
   * Takes over the table and starts enforcing as soon as the cluster is known, by {@link #follow}
   * or through {@link #sink}.
   *
   * @param tables a socket of the agent's own in the node's network namespace
   * @param connections used by one thread of the agent's
   * @param present pods that an earlier run wired and admitted; all of them, unless they are
   *     admitted before {@link #follow}: the rules of others are removed once the cluster is known
   * @param reporting what the table tells of packets
   * @throws IllegalStateException if the kernel refuses the table
   */
  public static PolicyAgent start(
      NftTables tables,
      Connections connections,
      List<PodEndpoint> present,
      EnforcementObserver observer,
      Reporting reporting) {
    // Looking through a node's connections may take long; the enforcing thread must not wait for
    // it when a pod ends.
    ScheduledExecutorService connectionsThread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("connections").daemon().factory());
    Runnable clearStamps =
        () ->
            CompletableFuture.runAsync(
                    () -> connections.clearMarks(Generation.MASK), connectionsThread)
                .join();
    PolicyProblems problems = new PolicyProblems();
    Enforcer enforcer =
        new Enforcer(
            tables,
            clearStamps,
            new TellingObserver(observer, problems),
            InstantSource.system(),
            reporting);
    return new PolicyAgent(
        EnforcementThread.start(
            enforcer, present.stream().map(pod -> local(pod)).toList(), AUDIT_INTERVAL),
        new ForgottenAddresses(
            connections,
            removal -> {
              var _ =
                  connectionsThread.schedule(
                      removal, CONNECTIONS_WINDOW.toMillis(), TimeUnit.MILLISECONDS);
            }),
        connectionsThread,
        problems,
        enforcer.reportNames());
  }

  /**
   * Watches pods, namespaces and policies until the agent is closed; called once at most, and after
   * all pods of an earlier run were named or admitted.
   *
   * @param node name of the node, for its host endpoints and for the Events that are written about
   *     policies
   * @param interfaces the node's; closed with the agent
   * @param localPods reports the node's own pods
   */
  public PolicyAgent follow(
      KubeClient client,
      String node,
      HostInterfaces interfaces,
      Function<ClusterSink, PodListener> localPods) {
    EventWriter writer = new EventWriter(client, "portolan-policy", node, InstantSource.system());
    events = Optional.of(writer);
    problems.tellBy(writer::reportShared);
    StatusReporter reporter =
        StatusReporter.start(
            client, node, () -> thread.problem().isEmpty(), InstantSource.system());
    statuses = Optional.of(reporter);
    problems.reportBy(reporter);
    interfaceFeed = Optional.of(InterfaceFeed.start(node, interfaces, thread));
    feeds =
        Optional.of(new ClusterFeeds(client, thread, localPods.apply(thread), problems, reporter));
    return this;
  }

  /**
   * What policies did to packets.
   *
   * @param source reads the counters of {@link Skeleton#TABLE}; used by one thread at a time, but
   *     not by the enforcing one
   */
  public PolicyCounts counts(PolicyCounts.CounterSource source) {
    return new PolicyCounts(source, names);
  }

  /**
   * Begins to write records of packets; of an agent that was started with {@link Reporting#ALL}.
   * The log ends with the agent.
   *
   * @param opening reads the NFLOG group in the node's network namespace
   */
  public FlowRecorder record(FlowLog.Opening opening, FlowSink sink, String node) {
    FlowRecorder recorder = new FlowRecorder(names, thread::owners, sink, node);
    flowLog =
        Optional.of(FlowLog.start(opening, recorder, sink, InstantSource.system(), FLOW_WINDOW));
    return recorder;
  }

  /** How many policies are not understood, wholly or in part. */
  public int notUnderstood() {
    return problems.notUnderstood();
  }

  /** Why policies are not in force as they should; empty if they are. */
  public Optional<String> problem() {
    return thread.problem();
  }

  /** Where to report the cluster to, for those who watch it themselves. */
  public ClusterSink sink() {
    return thread;
  }

  @Override
  public Admission admit(PodEndpoint pod) {
    EnforcementThread.Admission admission = thread.admit(local(pod));
    return new Admission(
        admission.closed(),
        admission
            .standing()
            .thenApply(standing ->
                new Programmed(
                    standing.egress().orElse("open"), standing.ingress().orElse("open"))));
  }

  @Override
  public Removal forget(PodEndpoint pod) {
    CompletableFuture<Void> rules = thread.forget(local(pod));
    // Rules first: a packet in between could have made an entry anew.
    return new Removal(rules, rules.thenCompose(_ -> forgotten.add(pod.addresses())));
  }

  @Override
  public CompletableFuture<Void> forgetConnections(List<IpAddress> addresses) {
    return forgotten.add(addresses);
  }

  @Override
  public void close() {
    flowLog.ifPresent(FlowLog::close);
    feeds.ifPresent(ClusterFeeds::close);
    interfaceFeed.ifPresent(InterfaceFeed::close);
    thread.close();
    events.ifPresent(EventWriter::close);
    statuses.ifPresent(StatusReporter::close);
    connectionsThread.shutdown();
  }

  private static LocalPod local(PodEndpoint pod) {
    return new LocalPod(
        new PodName(pod.namespace(), pod.name()), pod.uid(), pod.hostInterface(), pod.addresses());
  }
}
