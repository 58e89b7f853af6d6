package io.portolan.calico.ipam;

import io.portolan.calico.model.AllocationAttributes;
import io.portolan.calico.model.Codecs;
import io.portolan.calico.model.IpamBlock;
import io.portolan.calico.model.IpamHandle;
import io.portolan.calico.model.Stored;
import io.portolan.calico.store.IpamObjects;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import io.portolan.common.net.Cidr;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Carries out a {@link LeakPlan}. Every write is bound to the state that was looked at, so that
 * what came into use meanwhile stays; what fails is found again by the next collection.
 */
public final class LeakExecution {
  private final IpamObjects objects;
  private final InstantSource clock;
  private final PodLookup pods;

  public LeakExecution(IpamObjects objects, InstantSource clock, PodLookup pods) {
    this.objects = objects;
    this.clock = clock;
    this.pods = pods;
  }

  /**
   * @param reclaimed addresses that were released, or were free already
   * @param revived addresses whose pod has them after all
   * @param blocks that were taken from their owners
   * @param faults why the rest is still to be done
   */
  public record Result(int reclaimed, int revived, int blocks, List<KubeFault> faults) {
    public Result {
      faults = List.copyOf(faults);
    }
  }

  /** Does what the plan says. */
  public Result execute(LeakPlan plan, LeakSnapshot snapshot, IpamSettings settings) {
    List<KubeFault> faults = new ArrayList<>();
    List<ReleaseRequest> releases = new ArrayList<>();
    int revived = 0;
    for (LeakPlan.HandleRelease each : plan.releases()) {
      if (isStillLeaked(each, snapshot.nodes().keySet())) {
        each.leaks().forEach(leak -> releases.add(leak.release()));
      } else {
        revived += each.leaks().size();
      }
    }
    Map<Cidr, Stored<IpamBlock>> blocks = new TreeMap<>();
    snapshot.blocks().forEach(block -> blocks.put(block.value().cidr(), block));
    ReleaseBatch batch = new ReleaseBatch(objects, new HandleWrites(objects), clock, Parallel.NONE);
    int reclaimed = 0;
    for (Optional<KubeFault> fault :
        batch.release(releases, settings, blocks, (cidr, block) -> keep(blocks, cidr, block))) {
      fault.ifPresentOrElse(faults::add, () -> {});
      reclaimed += fault.isEmpty() ? 1 : 0;
    }
    for (Stored<IpamBlock> block : plan.settled()) {
      settle(blocks.get(block.value().cidr()), settings).ifPresent(faults::add);
    }
    int released = 0;
    BlockClaims claims = new BlockClaims(objects, clock);
    for (LeakPlan.BlockRelease each : plan.blocks()) {
      switch (claims.release(each.owner(), each.cidr(), each.mustBeEmpty(), each.sequence())) {
        case BlockClaims.Outcome.NotOwned _ -> released++;
        case BlockClaims.Outcome.Owned _, BlockClaims.Outcome.Kept _ -> {}
        case BlockClaims.Outcome.Fault(KubeFault fault) -> faults.add(fault);
      }
    }
    for (Stored<IpamHandle> handle : plan.handles()) {
      objects
          .delete(Codecs.HANDLE, handle)
          .failure()
          .filter(fault -> fault.kind() != KubeFault.Kind.CONFLICT)
          .ifPresent(faults::add);
    }
    return new Result(reclaimed, revived, released, faults);
  }

  private static void keep(
      Map<Cidr, Stored<IpamBlock>> blocks, Cidr cidr, Optional<Stored<IpamBlock>> block) {
    if (block.isPresent()) {
      blocks.put(cidr, block.get());
    } else {
      blocks.remove(cidr);
    }
  }

  /** The pods were watched; a watch may be behind. Where the node is gone, nothing can come. */
  private boolean isStillLeaked(LeakPlan.HandleRelease release, Set<String> nodes) {
    for (LeakPlan.Leak leak : release.leaks()) {
      if (leak.pod().isEmpty() || !nodes.contains(leak.node())) {
        continue;
      }
      switch (pods.find(leak.pod().get())) {
        case KubeResult.Failed<Optional<PodFacts>> _ -> {
          return false;
        }
        case KubeResult.Ok<Optional<PodFacts>>(Optional<PodFacts> pod) -> {
          if (pod.filter(p -> LeakCollector.has(p, leak.node(), leak.release().address()))
              .isPresent()) {
            return false;
          }
        }
      }
    }
    return true;
  }

  private Optional<KubeFault> settle(@Nullable Stored<IpamBlock> block, IpamSettings settings) {
    if (block == null
        || block.value().attributes().stream()
            .map(AllocationAttributes::releasedAt)
            .allMatch(Optional::isEmpty)) {
      return Optional.empty();
    }
    BlockDraft draft = new BlockDraft(block.value());
    draft.settle(settings.configuration().cooldown(), clock.instant());
    return objects
        .update(Codecs.BLOCK, block, draft.written())
        .failure()
        .filter(fault -> fault.kind() != KubeFault.Kind.CONFLICT);
  }
}
