package io.portolan.common.controller;

import io.portolan.common.cloud.CloudAction;
import io.portolan.common.pool.PoolAction;
import io.portolan.common.pool.PoolPlan;
import java.util.Optional;
import java.util.function.Predicate;

/** What becomes of a planned action that had to wait, once a plan is made again. Pure. */
final class LastWord {
  private LastWord() {}

  /**
   * The same kind of action on the same thing as the plan of now has it, with its counts; empty if
   * it has none. What names exactly what it changes stays as it is: no other plan can make it
   * wrong.
   */
  static Optional<CloudAction> of(CloudAction planned, PoolPlan now) {
    return switch (planned) {
      case CloudAction.AssignAddresses a ->
          in(now, CloudAction.AssignAddresses.class, b -> b.interfaceId().equals(a.interfaceId()));
      case CloudAction.AssignPrefixes a ->
          in(now, CloudAction.AssignPrefixes.class, b -> b.interfaceId().equals(a.interfaceId()));
      case CloudAction.CreateInterface a ->
          in(now, CloudAction.CreateInterface.class, b -> b.subnet().equals(a.subnet()));
      case CloudAction.AttachInterface _,
          CloudAction.DeleteWithMachine _,
          CloudAction.Unassign _,
          CloudAction.DetachInterface _,
          CloudAction.DeleteInterface _,
          CloudAction.AssignNodeCidr _,
          CloudAction.ReleaseNodeCidr _ ->
          Optional.of(planned);
    };
  }

  private static <A extends CloudAction> Optional<CloudAction> in(
      PoolPlan plan, Class<A> kind, Predicate<A> onTheSame) {
    for (PoolAction action : plan.actions()) {
      if (action instanceof PoolAction.InCloud inCloud
          && kind.isInstance(inCloud.action())
          && onTheSame.test(kind.cast(inCloud.action()))) {
        return Optional.of(inCloud.action());
      }
    }
    return Optional.empty();
  }
}
