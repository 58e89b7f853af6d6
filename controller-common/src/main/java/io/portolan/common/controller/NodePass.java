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
  /** More than any honest plan needs: fill, create, attach, protect, publish and their refusals. */
  private static final int MOST_ROUNDS = 24;

  private final PoolPlanner planner;
  private final CloudCapabilities capabilities;
  private final CloudNetwork cloud;
  private final SupplyWriter writer;
  private final Leadership leadership;
  private final InstantSource time;
  private final Inputs inputs;
  private NodeRecord record;
  private SubnetTroubles troubles;

  /**
   * @param observation the latest reading of the whole cluster
   * @param published the supply and the node's answers as the watch shows them
   * @param readingFault why a later reading failed, if it did
   */
  record Inputs(
      NodeFacts facts,
      NodeNetworkSpec spec,
      PoolTargets targets,
      Supplier<NodeDemand> demand,
      CloudObservation observation,
      Optional<NodeNetworkStatus> published,
      SubnetTroubles troubles,
      Optional<CloudFault> readingFault) {}

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
      Leadership leadership,
      InstantSource time,
      Inputs inputs,
      NodeRecord record) {
    this.planner = planner;
    this.capabilities = capabilities;
    this.cloud = cloud;
    this.writer = writer;
    this.leadership = leadership;
    this.time = time;
    this.inputs = inputs;
    this.record = record;
    this.troubles = inputs.troubles();
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
        return new End.Settled(plan.wakeAt());
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
    for (PoolAction action : plan.actions()) {
      Step step =
          switch (action) {
            case PoolAction.InCloud inCloud -> change(inCloud.action());
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

  private Step change(CloudAction planned) {
    if (leadership.since().isEmpty()) {
      return new Step.Stop(new End.NotLeading());
    }
    CloudNetwork.Sent sent = cloud.execute(planned, this::lastWord);
    CloudAction action = sent.action();
    CloudOutcome outcome = sent.outcome();
    if (outcome.equals(CloudOutcome.Failed.WITHDRAWN)) {
      return leadership.since().isEmpty() ? new Step.Stop(new End.NotLeading()) : new Step.Replan();
    }
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

  /**
   * Called when the request is about to leave, perhaps long after it was planned: the lease may be
   * gone, and more or fewer pods may need addresses.
   */
  private Optional<CloudAction> lastWord(CloudAction planned) {
    if (leadership.since().isEmpty()) {
      return Optional.empty();
    }
    return LastWord.of(planned, planner.plan(state(), time.instant()));
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
    return record.writes().over(inputs.observation(), capabilities.consistencyLag());
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
    if (same && (!conditions || published().claims(conditions(plan)))) {
      return Optional.empty();
    }
    return store(next, conditions(plan));
  }

  private Optional<End> publishConditions(List<PoolCondition> conditions) {
    if (published().claims(conditions)) {
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
    record = record.attempting(next.revision());
    return switch (writer.write(inputs.facts().name(), inputs.spec(), next, conditions)) {
      case SupplyWriter.Written.Stored _ -> {
        record = record.with(next, conditions);
        yield Optional.empty();
      }
      case SupplyWriter.Written.Failed failed ->
          Optional.of(new End.Retry(failed.why(), Optional.empty()));
    };
  }
}
