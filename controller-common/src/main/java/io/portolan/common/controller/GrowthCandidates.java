package io.portolan.common.controller;

import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.CloudNetwork.Candidate;
import io.portolan.common.cloud.InterfaceId;
import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.cloud.ObservedMachine;
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
   * @param waitingPods pods without an address; the first actions serve them, as far as they go
   * @param unattached interfaces made for the node, which know what attaching them brings
   * @param machine of the node
   */
  static List<Candidate> of(
      List<PoolAction> actions,
      int waitingPods,
      List<ObservedInterface> unattached,
      ObservedMachine machine) {
    int blockSize = machine.limits().addressesPerPrefix();
    List<Candidate> candidates = new ArrayList<>();
    int waiting = waitingPods;
    for (PoolAction action : actions) {
      if (!(action instanceof PoolAction.InCloud(CloudAction change)) || !grows(change)) {
        break;
      }
      Brought brought = brings(change, unattached);
      int pods =
          brought.singles()
              + Math.clamp((long) brought.blocks() * blockSize, 0, Math.max(0, waiting));
      waiting -= pods;
      candidates.add(new Candidate(change, pods, mayGrow(change, machine)));
    }
    return candidates;
  }

  /**
   * What an action brings. Single addresses are asked for pods that wait or are about to come; of a
   * block only what waiting pods take is known to be wanted.
   */
  private record Brought(int singles, int blocks) {
    static final Brought NOTHING = new Brought(0, 0);
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

  /** Whether what the action is for has slots that it leaves free. */
  private static boolean mayGrow(CloudAction action, ObservedMachine machine) {
    int slots = machine.limits().slotsPerInterface();
    return switch (action) {
      case CloudAction.AssignAddresses a -> a.count() + taken(a.interfaceId(), machine) < slots;
      case CloudAction.AssignPrefixes a -> a.count() + taken(a.interfaceId(), machine) < slots;
      case CloudAction.CreateInterface a -> a.addresses() + a.prefixes() < slots;
      case CloudAction.AttachInterface _,
          CloudAction.DeleteWithMachine _,
          CloudAction.Unassign _,
          CloudAction.DetachInterface _,
          CloudAction.DeleteInterface _,
          CloudAction.AssignNodeCidr _,
          CloudAction.ReleaseNodeCidr _ ->
          false;
    };
  }

  private static int taken(InterfaceId id, ObservedMachine machine) {
    return machine.interfaces().stream()
        .filter(i -> i.id().equals(id))
        .mapToInt(ObservedInterface::slotsTaken)
        .sum();
  }

  private static Brought brings(CloudAction action, List<ObservedInterface> unattached) {
    return switch (action) {
      case CloudAction.AssignAddresses a -> new Brought(a.count(), 0);
      case CloudAction.AssignPrefixes a -> new Brought(0, a.count());
      case CloudAction.CreateInterface a -> new Brought(a.addresses(), a.prefixes());
      case CloudAction.AttachInterface a ->
          unattached.stream()
              .filter(i -> i.id().equals(a.interfaceId()))
              .map(i -> new Brought(i.addresses().size(), i.prefixes().size()))
              .findFirst()
              .orElse(Brought.NOTHING);
      case CloudAction.DeleteWithMachine _,
          CloudAction.Unassign _,
          CloudAction.DetachInterface _,
          CloudAction.DeleteInterface _,
          CloudAction.AssignNodeCidr _,
          CloudAction.ReleaseNodeCidr _ ->
          Brought.NOTHING;
    };
  }
}
