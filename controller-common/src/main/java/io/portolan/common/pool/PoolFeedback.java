package io.portolan.common.pool;

import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.CloudCapabilities;
import io.portolan.common.cloud.CloudFault;
import io.portolan.common.cloud.CloudOutcome;
import io.portolan.common.cloud.ExhaustedScope;
import io.portolan.common.cloud.SubnetId;
import io.portolan.common.net.Cidr;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What is learned from an outcome: the memory and the subnet troubles after it.
 *
 * @param replan whether to plan again at once, from what is known; otherwise look or wait first
 */
public record PoolFeedback(PoolMemory memory, SubnetTroubles troubles, boolean replan) {
  /** How long a node is left alone after a refusal that only people can undo. */
  private static final Duration PAUSE = Duration.ofSeconds(60);

  /** A moment just after: a reading that begins now may precede the refusal it should explain. */
  private static final Duration JUST_AFTER = Duration.ofMillis(1);

  /** Pure. */
  public static PoolFeedback of(
      CloudCapabilities capabilities,
      PoolMemory memory,
      SubnetTroubles troubles,
      CloudAction action,
      CloudOutcome outcome,
      Instant now) {
    return switch (outcome) {
      case CloudOutcome.Applied _ -> new PoolFeedback(applied(memory, action), troubles, true);
      case CloudOutcome.Unknown _ ->
          new PoolFeedback(
              memory.lookingAfter(now.plus(capabilities.consistencyLag()).plus(JUST_AFTER)),
              troubles,
              false);
      case CloudOutcome.Failed failed -> failed(memory, troubles, action, failed.fault(), now);
    };
  }

  private static PoolMemory applied(PoolMemory memory, CloudAction action) {
    if (action instanceof CloudAction.Unassign unassign) {
      TreeSet<Cidr> withdrawn = new TreeSet<>(memory.withdrawn());
      unassign.cidrs().forEach(withdrawn::remove);
      return memory.withWithdrawn(withdrawn);
    }
    return memory;
  }

  private static PoolFeedback failed(
      PoolMemory memory,
      SubnetTroubles troubles,
      CloudAction action,
      CloudFault fault,
      Instant now) {
    PoolMemory look = memory.lookingAfter(now.plus(JUST_AFTER));
    PoolMemory pause = memory.withPause(Optional.of(new PoolMemory.Pause(fault, now.plus(PAUSE))));
    return switch (fault) {
      case CloudFault.Exhausted exhausted ->
          switch (exhausted.scope()) {
            case ExhaustedScope.Subnet scope ->
                new PoolFeedback(
                    memory,
                    refused(troubles, scope.subnet(), action, asksPrefixes(action), now),
                    true);
            case ExhaustedScope.FragmentedSubnet scope ->
                new PoolFeedback(
                    memory, refused(troubles, scope.subnet(), action, true, now), true);
            case ExhaustedScope.Interface _ -> new PoolFeedback(look, troubles, false);
            case ExhaustedScope.Machine _ ->
                new PoolFeedback(look.withMachineFull(Optional.of(now)), troubles, false);
            case ExhaustedScope.Quota _ -> new PoolFeedback(pause, troubles, false);
          };
      case CloudFault.Denied _, CloudFault.Invalid _ -> new PoolFeedback(pause, troubles, false);
      case CloudFault.NotFound _, CloudFault.Conflict _ -> new PoolFeedback(look, troubles, false);
      case CloudFault.Throttled _, CloudFault.Transient _ ->
          new PoolFeedback(memory, troubles, false);
    };
  }

  private static SubnetTroubles refused(
      SubnetTroubles troubles, SubnetId subnet, CloudAction action, boolean prefixes, Instant now) {
    return troubles.refused(subnet, prefixes, asked(action), now);
  }

  private static boolean asksPrefixes(CloudAction action) {
    return action instanceof CloudAction.AssignPrefixes
        || (action instanceof CloudAction.CreateInterface create && create.prefixes() > 0);
  }

  private static int asked(CloudAction action) {
    return switch (action) {
      case CloudAction.AssignAddresses assign -> assign.count();
      case CloudAction.AssignPrefixes assign -> assign.count();
      case CloudAction.CreateInterface create -> Math.max(create.addresses(), create.prefixes());
      case CloudAction.AttachInterface _,
          CloudAction.DeleteWithMachine _,
          CloudAction.Unassign _,
          CloudAction.DetachInterface _,
          CloudAction.DeleteInterface _,
          CloudAction.AssignNodeCidr _,
          CloudAction.ReleaseNodeCidr _ ->
          1;
    };
  }
}
