package io.portolan.common.controller;

import io.portolan.common.api.v1alpha1.NodeNetworkSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus.PoolCounts;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus.Supply;
import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.CloudCapabilities;
import io.portolan.common.cloud.CloudFault;
import io.portolan.common.cloud.CloudNetwork;
import io.portolan.common.cloud.CloudObservation;
import io.portolan.common.cloud.CloudOutcome;
import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.ObservedMachine;
import io.portolan.common.net.Cidr;
import io.portolan.common.pool.NodeDemand;
import io.portolan.common.pool.NodePoolState;
import io.portolan.common.pool.PoolAction;
import io.portolan.common.pool.PoolCondition;
import io.portolan.common.pool.PoolFeedback;
import io.portolan.common.pool.PoolPlan;
import io.portolan.common.pool.PoolPlanner;
import io.portolan.common.pool.PoolTargets;
import io.portolan.common.pool.RecentWrites;
import io.portolan.common.pool.SubnetTroubles;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * One pass over one node: plan, carry out, plan again until nothing is left to do or something has
 * to be waited for. Lives for one reconciliation; what outlasts it is the {@link NodeRecord}.
 *
 * <p>Crash order. An address reaches the node only after the cloud has confirmed it: assign, then
 * publish. It leaves the cloud only after the node has lost it: withdraw, then unassign. A crash
 * between either pair leaves an assigned address that no pod has, which the next process publishes.
 */
final class NodePass {
  /**
   * More than any honest plan needs: each growing action is a round, so that its addresses are
   * published at once; a machine of 15 interfaces is filled in 60 (fill, create, attach, protect).
   */
  private static final int MOST_ROUNDS = 128;

  /** A watch that differs from what was stored that long ago shows what somebody else did. */
  private static final Duration WATCH_LAG = Duration.ofSeconds(5);

  /** Between repairs: a watch that lags for minutes must not make every pass a write. */
  private static final Duration BETWEEN_REPAIRS = Duration.ofMinutes(1);

  private final PoolPlanner planner;
  private final CloudCapabilities capabilities;
  private final CloudNetwork cloud;
  private final SupplyWriter writer;
  private final ControllerListener listener;
  private final Leadership leadership;
  private final InstantSource time;
  private final Inputs inputs;
  private final CloudObservation ofNode;
  private NodeRecord record;
  private SubnetTroubles troubles;

  /**
   * @param observation the latest reading of the whole cluster
   * @param published the supply and the node's answers as the watch shows them
   * @param watched the NodeNetwork as the watch shows it at this moment
   * @param readingFault why a later reading failed, if it did
   */
  record Inputs(
      NodeFacts facts,
      NodeNetworkSpec spec,
      PoolTargets targets,
      Supplier<NodeDemand> demand,
      CloudObservation observation,
      Optional<NodeNetworkStatus> published,
      Supplier<Watched> watched,
      SubnetTroubles troubles,
      Optional<CloudFault> readingFault) {}

  /**
   * The node's NodeNetwork, as far as the controller owns it; both empty if there is none.
   *
   * @param revision of the supply
   */
  record Watched(Optional<NodeNetworkSpec> spec, Optional<Long> revision) {}

  /** How a pass ended. */
  sealed interface End {
    /** Nothing left to do now; look again at the given time if nothing happens before. */
    record Settled(Optional<Instant> wakeAt) implements End {}

    /** A reading of the cloud is needed whose first request leaves at or after this moment. */
    record LookAfter(Instant moment) implements End {}

    /** Something failed that time may heal. */
    record Retry(String why, Optional<Duration> after) implements End {}

    /** This process no longer leads. */
    record NotLeading() implements End {}
  }

  NodePass(
      PoolPlanner planner,
      CloudCapabilities capabilities,
      CloudNetwork cloud,
      SupplyWriter writer,
      ControllerListener listener,
      Leadership leadership,
      InstantSource time,
      Inputs inputs,
      NodeRecord record) {
    this.planner = planner;
    this.capabilities = capabilities;
    this.cloud = cloud;
    this.writer = writer;
    this.listener = listener;
    this.leadership = leadership;
    this.time = time;
    this.inputs = inputs;
    this.record = record;
    this.troubles = inputs.troubles();
    this.ofNode = ofNode(inputs.observation(), inputs.facts().name());
  }

  /** The machine this pass is about. */
  InstanceId instance() {
    return inputs.facts().instance().orElseThrow();
  }

  NodeRecord record() {
    return record;
  }

  SubnetTroubles troubles() {
    return troubles;
  }

  End run() {
    record =
        record.with(
            record
                .writes()
                .missingIn(inputs.observation().observedAt(), capabilities.consistencyLag()));
    for (int round = 0; round < MOST_ROUNDS; round++) {
      if (mustLook()) {
        return new End.LookAfter(record.memory().lookAfter());
      }
      PoolPlan plan = plan();
      Optional<End> unpublished = publish(published().marks(), plan, plan.isEmpty());
      if (unpublished.isPresent()) {
        return unpublished.get();
      }
      if (plan.isEmpty()) {
        return new End.Settled(wakeAt(plan));
      }
      if (carryOut(plan) instanceof Step.Stop(End end)) {
        return stop(end);
      }
    }
    return new End.Retry("the plan does not come to rest", Optional.empty());
  }

  /** Publishes only that nothing can be planned, and why; the supply stays as it is. */
  Optional<End> report(String reason, String message) {
    List<PoolCondition> conditions =
        List.of(
            new PoolCondition(PoolCondition.READY, false, reason, message),
            new PoolCondition(PoolCondition.DEGRADED, true, reason, message));
    return publishConditions(conditions);
  }

  private boolean mustLook() {
    return inputs.observation().observedAt().isBefore(record.memory().lookAfter());
  }

  private PoolPlan plan() {
    PoolPlan plan = planner.plan(state(), time.instant());
    record = record.with(plan);
    return plan;
  }

  /** What was gained before the failure is published, and the failure told, unless it is open. */
  private End stop(End end) {
    if (end instanceof End.NotLeading || mustLook()) {
      return end;
    }
    return publish(published().marks(), plan(), true).orElse(end);
  }

  /** What follows one action. */
  private sealed interface Step {
    record Next() implements Step {}

    /** The rest of the plan is void, another may serve at once. */
    record Replan() implements Step {}

    record Stop(End end) implements Step {}
  }

  private Step carryOut(PoolPlan plan) {
    for (int i = 0; i < plan.actions().size(); i++) {
      if (!growth(plan.actions().subList(i, plan.actions().size())).isEmpty()) {
        // Whatever it brings is published before the next call, which may have to wait for long.
        return change(this::growthNow) instanceof Step.Stop stop ? stop : new Step.Replan();
      }
      Step step =
          switch (plan.actions().get(i)) {
            case PoolAction.InCloud inCloud ->
                change(() -> List.of(new CloudNetwork.Candidate(inCloud.action(), 0, false)));
            case PoolAction.MarkForRelease mark ->
                announce(
                    SupplyDocument.with(
                        published().marks(), mark.cidrs(), published().revision() + 1),
                    plan);
            case PoolAction.TakeBack back -> {
              withdraw(List.of(), back.cidrs());
              yield announce(SupplyDocument.without(published().marks(), back.cidrs()), plan);
            }
            case PoolAction.Withdraw withdraw -> {
              withdraw(withdraw.cidrs(), List.of());
              yield announce(SupplyDocument.without(published().marks(), withdraw.cidrs()), plan);
            }
          };
      if (!(step instanceof Step.Next)) {
        return step;
      }
    }
    return new Step.Next();
  }

  /**
   * The growing actions as a plan of this moment has them: more or fewer pods may need addresses.
   */
  private List<CloudNetwork.Candidate> growthNow() {
    List<PoolAction> actions = planner.plan(state(), time.instant()).actions();
    return actions.stream()
        .filter(a -> !growth(List.of(a)).isEmpty())
        .findFirst()
        .map(first -> growth(actions.subList(actions.indexOf(first), actions.size())))
        .orElse(List.of());
  }

  private List<CloudNetwork.Candidate> growth(List<PoolAction> actions) {
    NodePoolState state = state();
    if (state.machine().isEmpty()) {
      return List.of();
    }
    int supply = record.lastPlan().map(p -> p.counts().supply()).orElse(0);
    int cooling = state.demand().cooling(time.instant(), inputs.targets().cooldown());
    return GrowthCandidates.of(
        actions,
        state.demand().pods() + cooling - supply,
        state.unattached(),
        state.machine().get());
  }

  private Step announce(SortedMap<Cidr, Long> marks, PoolPlan plan) {
    Optional<End> failed = publish(marks, plan, false);
    return failed.isPresent() ? new Step.Stop(failed.get()) : new Step.Next();
  }

  private void withdraw(List<Cidr> more, List<Cidr> less) {
    TreeSet<Cidr> withdrawn = new TreeSet<>(record.memory().withdrawn());
    withdrawn.addAll(more);
    less.forEach(withdrawn::remove);
    record = record.with(record.memory().withWithdrawn(withdrawn));
  }

  /**
   * Performs the first of these whose turn comes. They are asked for until a request leaves,
   * perhaps long after it was planned: the lease may be gone by then.
   */
  private Step change(Supplier<List<CloudNetwork.Candidate>> candidates) {
    CloudNetwork.Sent sent =
        cloud.executeFirst(() -> leadership.since().isEmpty() ? List.of() : candidates.get());
    CloudOutcome outcome = sent.outcome();
    if (outcome.equals(CloudOutcome.Failed.WITHDRAWN)) {
      return leadership.since().isEmpty() ? new Step.Stop(new End.NotLeading()) : new Step.Replan();
    }
    if (sent.action().isEmpty()) {
      return new Step.Stop(
          outcome instanceof CloudOutcome.Failed(CloudFault fault)
              ? end(fault)
              : new End.Retry("nothing was sent", Optional.empty()));
    }
    CloudAction action = sent.action().get();
    listener.acted(action.getClass().getSimpleName(), outcome.label());
    Instant now = time.instant();
    PoolFeedback feedback =
        PoolFeedback.of(capabilities, record.memory(), troubles, action, outcome, now);
    record = record.with(feedback.memory());
    troubles = feedback.troubles();
    return switch (outcome) {
      case CloudOutcome.Applied applied -> {
        RecentWrites writes = record.writes().with(now, action, applied.facts());
        record = record.with(writes);
        yield new Step.Next();
      }
      case CloudOutcome.Unknown _ -> new Step.Stop(new End.LookAfter(record.memory().lookAfter()));
      case CloudOutcome.Failed failed ->
          feedback.replan() ? new Step.Replan() : new Step.Stop(end(failed.fault()));
    };
  }

  private End end(CloudFault fault) {
    if (mustLook()) {
      return new End.LookAfter(record.memory().lookAfter());
    }
    if (record.memory().pause().isPresent()) {
      return new End.Settled(Optional.of(record.memory().pause().get().until()));
    }
    return new End.Retry(
        fault.message(),
        fault instanceof CloudFault.Throttled throttled
            ? throttled.retryAfter()
            : Optional.empty());
  }

  private NodePoolState state() {
    CloudObservation seen = seen();
    NodePoolState.Lifecycle lifecycle =
        inputs.facts().leaving()
            ? NodePoolState.Lifecycle.LEAVING
            : inputs.facts().schedulable()
                ? NodePoolState.Lifecycle.ACTIVE
                : NodePoolState.Lifecycle.CORDONED;
    return new NodePoolState(
        inputs.facts().name(),
        lifecycle,
        seen.observedAt(),
        seen.machine(inputs.facts().name()),
        seen.unattachedFor(inputs.facts().name()),
        seen.subnets(),
        capabilities,
        inputs.targets(),
        inputs.demand().get(),
        published().handshake(),
        troubles,
        record.memory());
  }

  private CloudObservation seen() {
    return record.writes().over(ofNode, capabilities.consistencyLag());
  }

  /** What the reading has of this node and of subnets: planning is repeated, others only cost. */
  private static CloudObservation ofNode(CloudObservation all, NodeName node) {
    SortedMap<NodeName, ObservedMachine> machine = new TreeMap<>();
    all.machine(node).ifPresent(m -> machine.put(node, m));
    SortedMap<NodeName, List<Cidr>> cidrs = new TreeMap<>();
    cidrs.put(node, all.nodeCidrs().getOrDefault(node, List.of()));
    return new CloudObservation(
        all.observedAt(),
        machine,
        all.unattachedFor(node),
        all.subnets(),
        cidrs,
        all.networkCidrs());
  }

  private PublishedState published() {
    return new PublishedState(inputs.published(), record);
  }

  /**
   * Stores the supply if the node would see a difference, or people would see another condition.
   */
  private Optional<End> publish(SortedMap<Cidr, Long> marks, PoolPlan plan, boolean conditions) {
    PoolCounts counts =
        new PoolCounts(plan.counts().capacity(), plan.counts().supply(), plan.counts().demand());
    CloudObservation seen = seen();
    if (seen.machine(inputs.facts().name()).isEmpty()) {
      // Absence of a machine is no proof: a supply is replaced by a supply, never by nothing.
      return conditions ? publishConditions(conditions(plan)) : Optional.empty();
    }
    Supply next =
        SupplyDocument.of(
            seen,
            inputs.facts().name(),
            inputs.targets().firstDeviceIndex(),
            record.memory().withdrawn(),
            marks,
            counts,
            published().revision() + 1);
    boolean same =
        published().supply().filter(s -> SupplyDocument.sameForNode(s, next)).isPresent();
    if (same && stands() && (!conditions || published().claims(conditions(plan)))) {
      return Optional.empty();
    }
    return store(next, conditions(plan));
  }

  /**
   * Whether the NodeNetwork is there as it should be, whatever became of it since it was stored: a
   * profile may have changed, somebody may have deleted or edited it.
   */
  private boolean stands() {
    if (record.spec().isEmpty()) {
      return inputs.watched().get().spec().equals(Optional.of(inputs.spec()));
    }
    return record.spec().get().equals(inputs.spec())
        && (time.instant().isBefore(record.repairAfter()) || watchAgrees());
  }

  private boolean watchAgrees() {
    Watched watched = inputs.watched().get();
    return watched.spec().equals(record.spec())
        && watched.revision().equals(record.published().map(Supply::revision));
  }

  /**
   * The watch may not have shown yet what was stored: it is looked at again when it should have.
   */
  private Optional<Instant> wakeAt(PoolPlan plan) {
    boolean open = time.instant().isBefore(record.repairAfter()) && !watchAgrees();
    Optional<Instant> look = open ? Optional.of(record.repairAfter()) : Optional.empty();
    return plan.wakeAt().filter(w -> look.isEmpty() || w.isBefore(look.get())).or(() -> look);
  }

  private Optional<End> publishConditions(List<PoolCondition> conditions) {
    if (stands() && published().claims(conditions)) {
      return Optional.empty();
    }
    return store(
        published().supply().orElse(new Supply(0, null, null, null, null, null)), conditions);
  }

  /** A plan made from an old reading says so. */
  private List<PoolCondition> conditions(PoolPlan plan) {
    return plan.conditions().stream()
        .map(c ->
            c.type().equals(PoolCondition.DEGRADED)
                ? inputs
                    .readingFault()
                    .map(f -> new PoolCondition(c.type(), true, f.reason(), f.message()))
                    .orElse(c)
                : c)
        .toList();
  }

  private Optional<End> store(Supply next, List<PoolCondition> conditions) {
    if (leadership.since().isEmpty()) {
      return Optional.of(new End.NotLeading());
    }
    // Stored to repair: nothing of ours differs from what was stored before.
    boolean repair =
        record.spec().equals(Optional.of(inputs.spec()))
            && record.published().filter(p -> SupplyDocument.sameForNode(p, next)).isPresent()
            && published().claims(conditions);
    Duration again = repair ? BETWEEN_REPAIRS : WATCH_LAG;
    record = record.attempting(next.revision());
    return switch (writer.write(inputs.facts().name(), inputs.spec(), next, conditions)) {
      case SupplyWriter.Written.Stored _ -> {
        List<NodeEvent> events = NodeEvent.of(published().conditions(), conditions);
        if (!events.isEmpty()) {
          listener.changed(inputs.facts().name(), events);
        }
        record = record.with(inputs.spec(), next, conditions, time.instant().plus(again));
        yield Optional.empty();
      }
      case SupplyWriter.Written.Failed failed ->
          Optional.of(new End.Retry(failed.why(), Optional.empty()));
    };
  }
}
