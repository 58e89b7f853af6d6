package io.portolan.common.controller;

import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.CloudNetwork.Candidate;
import io.portolan.common.cloud.InterfaceId;
import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.pool.PoolAction;
import java.util.ArrayList;
import java.util.List;

/**
 * The actions of a plan that may be performed in any order, because each only adds something. EC2
 * counts them in different buckets, so a node waits for all of them at once. Pure.
 *
 * <p>Crash order: any of them may be the last before a crash, as in any order of theirs. An address
 * that was assigned is published by the next process, an interface that was made is attached or
 * deleted by it, one that was attached is set to end with its machine.
 */
final class GrowthCandidates {
  private GrowthCandidates() {}

  /**
   * The growing actions that {@code actions} begins with, up to the first of another kind.
   *
   * @param waitingPods pods without an address. The first actions serve them, as far as they go
   * @param unattached interfaces made for the node, which know what attaching them brings
   * @param prefixSize addresses of a block
   */
  static List<Candidate> of(
      List<PoolAction> actions,
      int waitingPods,
      List<ObservedInterface> unattached,
      int prefixSize) {
    List<Candidate> candidates = new ArrayList<>();
    int waiting = waitingPods;
    for (PoolAction action : actions) {
      if (!(action instanceof PoolAction.InCloud(CloudAction change)) || !grows(change)) {
        break;
      }
      int served = Math.clamp(brings(change, unattached, prefixSize), 0, Math.max(0, waiting));
      waiting -= served;
      candidates.add(new Candidate(change, served));
    }
    return candidates;
  }

  private static boolean grows(CloudAction action) {
    return switch (action) {
      case CloudAction.AssignAddresses _,
          CloudAction.AssignPrefixes _,
          CloudAction.CreateInterface _,
          CloudAction.AttachInterface _,
          CloudAction.DeleteWithMachine _ ->
          true;
      case CloudAction.Unassign _,
          CloudAction.DetachInterface _,
          CloudAction.DeleteInterface _,
          CloudAction.AssignNodeCidr _,
          CloudAction.ReleaseNodeCidr _ ->
          false;
    };
  }

  private static int brings(
      CloudAction action, List<ObservedInterface> unattached, int prefixSize) {
    return switch (action) {
      case CloudAction.AssignAddresses a -> a.count();
      case CloudAction.AssignPrefixes a -> a.count() * prefixSize;
      case CloudAction.CreateInterface a -> a.addresses() + a.prefixes() * prefixSize;
      case CloudAction.AttachInterface a -> held(a.interfaceId(), unattached, prefixSize);
      case CloudAction.DeleteWithMachine _,
          CloudAction.Unassign _,
          CloudAction.DetachInterface _,
          CloudAction.DeleteInterface _,
          CloudAction.AssignNodeCidr _,
          CloudAction.ReleaseNodeCidr _ ->
          0;
    };
  }

  private static int held(InterfaceId id, List<ObservedInterface> unattached, int prefixSize) {
    return unattached.stream()
        .filter(i -> i.id().equals(id))
        .mapToInt(i -> i.addresses().size() + i.prefixes().size() * prefixSize)
        .sum();
  }
}
