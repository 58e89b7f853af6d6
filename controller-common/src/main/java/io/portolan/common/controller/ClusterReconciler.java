package io.portolan.common.controller;

import io.portolan.common.api.v1alpha1.NetworkProfileSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.CloudCapabilities;
import io.portolan.common.cloud.CloudFault;
import io.portolan.common.cloud.CloudNetwork;
import io.portolan.common.cloud.CloudObservation;
import io.portolan.common.cloud.CloudOutcome;
import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.ObservationScope;
import io.portolan.common.cloud.ObserveOutcome;
import io.portolan.common.cloud.ObservedMachine;
import io.portolan.common.cloud.Placement;
import io.portolan.common.pool.OrphanCollector;
import io.portolan.common.pool.PoolCondition;
import io.portolan.common.pool.PoolExplain;
import io.portolan.common.pool.PoolMemory;
import io.portolan.common.pool.PoolPlan;
import io.portolan.common.pool.PoolPlanner;
import io.portolan.common.pool.PoolTargets;
import io.portolan.common.pool.SubnetTroubles;
import io.portolan.common.reconcile.Outcome;
import io.portolan.common.reconcile.Reconciler;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reconciles nodes, and the cluster as a whole: one reading of the cloud serves all nodes.
 *
 * <p>A node's record is touched only while its key is in flight, the reading and the sightings only
 * by the cluster's key; subnet troubles are one value replaced atomically.
 */
public final class ClusterReconciler implements Reconciler<ControllerKey> {
  private static final Logger log = LoggerFactory.getLogger(ClusterReconciler.class);

  /** A lease that lapses and is renewed tells nobody: what was to be done is still to be done. */
  private static final Outcome NOT_LEADING = new Outcome.Retry("this process does not lead now");

  /** Nodes that join together share a reading. */
  private static final Duration BETWEEN_READINGS = Duration.ofSeconds(2);

  /** A reading of a large cluster has many pages: a second more between readings for each. */
  private static final int NODES_PER_PAGE = 125;

  private final Parts parts;
  private final PoolPlanner planner;
  private final OrphanCollector collector;
  private final Wake wake;
  private final AtomicReference<Reading> reading =
      new AtomicReference<>(new Reading(CloudObservation.EMPTY, Optional.empty()));
  private final AtomicReference<SubnetTroubles> troubles =
      new AtomicReference<>(SubnetTroubles.NONE);
  private final AtomicReference<OrphanCollector.Sightings> sightings =
      new AtomicReference<>(OrphanCollector.Sightings.NONE);
  private final Map<NodeName, Known> records = new ConcurrentHashMap<>();

  /**
   * @param provider {@code aws}, {@code azure} or {@code gcp}
   * @param ipam which profiles this controller serves
   * @param resync how often the cloud is read although nothing happens
   * @param orphanGrace how long an interface of a gone node is left alone
   */
  public record Parts(
      String provider,
      NetworkProfileSpec.Ipam ipam,
      CloudNetwork cloud,
      CloudCapabilities capabilities,
      Placement placement,
      ClusterView view,
      SupplyWriter writer,
      Leadership leadership,
      InstantSource time,
      Duration resync,
      Duration orphanGrace,
      ControllerListener listener) {

    /** The same, telling nobody. */
    public Parts(
        String provider,
        NetworkProfileSpec.Ipam ipam,
        CloudNetwork cloud,
        CloudCapabilities capabilities,
        Placement placement,
        ClusterView view,
        SupplyWriter writer,
        Leadership leadership,
        InstantSource time,
        Duration resync,
        Duration orphanGrace) {
      this(
          provider,
          ipam,
          cloud,
          capabilities,
          placement,
          view,
          writer,
          leadership,
          time,
          resync,
          orphanGrace,
          ControllerListener.SILENT);
    }
  }

  /** Asks for a key to be reconciled soon. */
  public interface Wake {
    void add(ControllerKey key, int urgency);
  }

  /** What is known of a node, and of which machine it is known. */
  private record Known(InstanceId instance, NodeRecord record) {}

  /** The last reading that succeeded, and why a later one did not. */
  private record Reading(CloudObservation observation, Optional<CloudFault> fault) {
    /**
     * The reading as far as it speaks of this machine: a name may pass from a deleted node to a new
     * one, and the reading may still show the machine of the old.
     */
    Reading about(NodeName node, InstanceId instance) {
      if (observation.machine(node).filter(m -> !m.instance().equals(instance)).isEmpty()) {
        return this;
      }
      SortedMap<NodeName, ObservedMachine> others = new TreeMap<>(observation.machines());
      others.remove(node);
      return new Reading(
          new CloudObservation(
              observation.observedAt(),
              others,
              observation.unattached(),
              observation.subnets(),
              observation.nodeCidrs(),
              observation.networkCidrs()),
          fault);
    }
  }

  public ClusterReconciler(Parts parts, Wake wake) {
    this.parts = parts;
    this.planner = new PoolPlanner(parts.placement());
    this.collector = new OrphanCollector(parts.orphanGrace());
    this.wake = wake;
  }

  @Override
  public Outcome reconcile(ControllerKey key) {
    if (parts.leadership().since().isEmpty()) {
      return NOT_LEADING;
    }
    return switch (key) {
      case ControllerKey.OfCluster _ -> cluster();
      case ControllerKey.OfNode ofNode -> node(ofNode.node());
    };
  }

  /** A process that leads anew knows nothing it learned before: others have acted since. */
  void forgetEverything() {
    records.clear();
    troubles.set(SubnetTroubles.NONE);
    sightings.set(OrphanCollector.Sightings.NONE);
    reading.set(new Reading(CloudObservation.EMPTY, Optional.empty()));
  }

  /** Addresses of all nodes, by their last plans. */
  AddressTotals addresses() {
    return AddressTotals.of(
        records.values().stream()
            .flatMap(known -> known.record().lastPlan().stream())
            .map(PoolPlan::counts)
            .toList());
  }

  /** The last plan of a node as text, with reasons. */
  public String explain(NodeName node) {
    return record(node)
        .flatMap(NodeRecord::lastPlan)
        .map(PoolExplain::text)
        .orElse("node " + node + ": nothing planned yet\n");
  }

  private Optional<NodeRecord> record(NodeName node) {
    return Optional.ofNullable(records.get(node)).map(Known::record);
  }

  private Outcome cluster() {
    SortedMap<NodeName, NodeFacts> nodes = parts.view().nodes();
    Instant soonest =
        reading
            .get()
            .observation()
            .observedAt()
            .plus(BETWEEN_READINGS)
            .plusSeconds(nodes.size() / NODES_PER_PAGE);
    if (parts.time().instant().isBefore(soonest)) {
      return new Outcome.WakeAt(soonest);
    }
    SortedMap<NodeName, InstanceId> machines = new TreeMap<>();
    nodes.forEach((name, facts) -> facts.instance().ifPresent(i -> machines.put(name, i)));
    return switch (parts.cloud().observe(ObservationScope.cluster(machines))) {
      case ObserveOutcome.Failed failed -> {
        reading.updateAndGet(r -> new Reading(r.observation(), Optional.of(failed.fault())));
        nodes.keySet().forEach(n -> wake.add(new ControllerKey.OfNode(n), 0));
        yield failed.fault() instanceof CloudFault.Throttled throttled
                && throttled.retryAfter().isPresent()
            ? new Outcome.RetryAfter(throttled.retryAfter().get())
            : new Outcome.Retry(failed.fault().message());
      }
      case ObserveOutcome.Observed observed -> {
        reading.set(new Reading(observed.observation(), Optional.empty()));
        nodes.keySet().forEach(n -> wake.add(new ControllerKey.OfNode(n), urgency(n)));
        yield collect(observed.observation(), nodes);
      }
    };
  }

  private int urgency(NodeName node) {
    return record(node).flatMap(NodeRecord::lastPlan).map(p -> p.counts().deficit()).orElse(0);
  }

  private Outcome collect(CloudObservation observation, SortedMap<NodeName, NodeFacts> nodes) {
    Instant now = parts.time().instant();
    OrphanCollector.Collection collection =
        collector.collect(observation, nodes.keySet(), sightings.get(), now);
    sightings.set(collection.sightings());
    collection.explanation().forEach(log::info);
    for (CloudAction.DeleteInterface deletion : collection.deletions()) {
      if (parts.leadership().since().isEmpty()) {
        return NOT_LEADING;
      }
      CloudOutcome outcome = parts.cloud().execute(deletion);
      parts.listener().collected(outcome.label());
      if (outcome instanceof CloudOutcome.Failed(CloudFault fault)
          && !(fault instanceof CloudFault.NotFound)) {
        log.warn("leaked interface stays for now: {}", fault.message());
      }
    }
    return new Outcome.WakeAt(now.plus(parts.resync()));
  }

  private Outcome node(NodeName node) {
    NodeFacts facts = parts.view().nodes().get(node);
    if (facts == null) {
      records.remove(node);
      return new Outcome.Done();
    }
    if (facts.instance().isEmpty()) {
      // The kubelet or the cloud's node controller adds it; that is an event of this key.
      return new Outcome.Done();
    }
    Reading read = reading.get().about(node, facts.instance().get());
    Optional<NodeNetworkStatus> published = parts.view().status(node);
    NodeRecord record =
        known(node, facts.instance().get())
            .orElseGet(() -> first(node, read.observation(), published));
    return switch (ProfileChoice.of(parts.view().profiles(), facts, parts.ipam())) {
      case ProfileChoice.Elsewhere _ -> new Outcome.Done();
      case ProfileChoice.Unusable unusable ->
          report(
              pass(facts, unusable.name(), PoolTargets.DEFAULT, read, published, record),
              node,
              unusable.reason(),
              unusable.message());
      case ProfileChoice.Chosen chosen -> {
        NodePass pass = pass(facts, chosen.name(), chosen.targets(), read, published, record);
        if (read.observation().equals(CloudObservation.EMPTY)) {
          if (read.fault().isEmpty()) {
            wake.add(new ControllerKey.OfCluster(), 0);
            yield new Outcome.Done();
          }
          yield report(pass, node, read.fault().get().reason(), read.fault().get().message());
        }
        yield run(pass, node);
      }
    };
  }

  private Optional<NodeRecord> known(NodeName node, InstanceId instance) {
    return Optional.ofNullable(records.get(node))
        .filter(known -> known.instance().equals(instance))
        .map(Known::record);
  }

  private void remember(NodeName node, NodePass pass) {
    records.put(node, new Known(pass.instance(), pass.record()));
  }

  private Outcome report(NodePass pass, NodeName node, String reason, String message) {
    Optional<NodePass.End> failed = pass.report(reason, message);
    remember(node, pass);
    return failed.map(end -> outcome(end, node)).orElse(new Outcome.Done());
  }

  private Outcome run(NodePass pass, NodeName node) {
    NodePass.End end;
    try {
      end = pass.run();
    } finally {
      // What was learned before an exception (a bug, an interrupt) must not be planned twice.
      remember(node, pass);
      troubles.updateAndGet(t -> t.merge(pass.troubles()));
    }
    pass.record().lastPlan().ifPresent(p -> tell(node, p));
    return outcome(end, node);
  }

  private static void tell(NodeName node, PoolPlan plan) {
    if (log.isDebugEnabled()) {
      log.debug("{}: {}", node, PoolExplain.text(plan));
    }
  }

  private NodePass pass(
      NodeFacts facts,
      String profile,
      PoolTargets targets,
      Reading read,
      Optional<NodeNetworkStatus> published,
      NodeRecord record) {
    Optional<ObservedMachine> machine = read.observation().machine(facts.name());
    // A reading that does not show the machine takes nothing back that was known of it.
    Optional<NodeNetworkSpec> before =
        parts
            .view()
            .spec(facts.name())
            .filter(s ->
                facts
                    .instance()
                    .map(InstanceId::value)
                    .equals(Optional.ofNullable(s.instanceId())));
    NetworkProfileSpec chosen = parts.view().profiles().get(profile);
    NodeNetworkSpec spec =
        new NodeNetworkSpec(
            parts.provider(),
            facts.instance().map(InstanceId::value).orElse(null),
            machine
                .map(ObservedMachine::machineType)
                .or(() -> before.map(NodeNetworkSpec::instanceType))
                .orElse(null),
            machine
                .map(ObservedMachine::zone)
                .or(() -> before.map(NodeNetworkSpec::zone))
                .orElse(null),
            profile.isEmpty() ? null : profile,
            chosen == null ? null : NodeNetworkSpec.Pods.of(chosen));
    return new NodePass(
        planner,
        parts.capabilities(),
        parts.cloud(),
        parts.writer(),
        parts.listener(),
        parts.leadership(),
        parts.time(),
        new NodePass.Inputs(
            facts,
            spec,
            targets,
            () -> parts.view().demand(facts.name()),
            read.observation(),
            published,
            () -> watched(facts.name()),
            troubles.get(),
            read.fault()),
        record);
  }

  private NodePass.Watched watched(NodeName node) {
    return new NodePass.Watched(
        parts.view().spec(node),
        parts
            .view()
            .status(node)
            .flatMap(s -> Optional.ofNullable(s.supply()))
            .map(NodeNetworkStatus.Supply::revision));
  }

  /**
   * What is known of a node met for the first time. If it has a supply, an earlier process has
   * acted for it, perhaps a moment ago: only readings that show all of that are planned from.
   */
  private NodeRecord first(
      NodeName node, CloudObservation observation, Optional<NodeNetworkStatus> published) {
    boolean supplied = published.filter(s -> s.supply() != null).isPresent();
    Instant now = parts.time().instant();
    PoolMemory memory = PoolMemory.EMPTY;
    if (supplied) {
      Instant since = parts.leadership().since().orElse(now);
      memory = memory.lookingAfter(since.plus(parts.capabilities().consistencyLag()));
    }
    if (observation.machine(node).isEmpty() && !observation.equals(CloudObservation.EMPTY)) {
      // The node joined, or got another machine, after the reading.
      memory = memory.lookingAfter(now);
    }
    Optional<NodeRecord> ofAnotherMachine = record(node);
    if (ofAnotherMachine.isPresent()) {
      return ofAnotherMachine.get().onAnotherMachine(memory);
    }
    return NodeRecord.EMPTY.with(memory);
  }

  private Outcome outcome(NodePass.End end, NodeName node) {
    return switch (end) {
      case NodePass.End.Settled settled ->
          settled.wakeAt().<Outcome>map(Outcome.WakeAt::new).orElse(new Outcome.Done());
      case NodePass.End.LookAfter look -> {
        if (parts.time().instant().isBefore(look.moment())) {
          yield new Outcome.WakeAt(look.moment());
        }
        // The reading wakes the node.
        wake.add(new ControllerKey.OfCluster(), 1 + urgency(node));
        yield new Outcome.Done();
      }
      case NodePass.End.Retry retry ->
          retry
              .after()
              .<Outcome>map(Outcome.RetryAfter::new)
              .orElse(new Outcome.Retry(retry.why()));
      case NodePass.End.NotLeading _ -> NOT_LEADING;
    };
  }

  List<PoolCondition> conditions(NodeName node) {
    return record(node).map(NodeRecord::conditions).orElse(List.of());
  }
}
