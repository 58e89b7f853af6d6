package io.portolan.calico.ipam;

import io.portolan.calico.model.AffinityOwner;
import io.portolan.calico.model.AllocationAttributes;
import io.portolan.calico.model.BlockAffinity;
import io.portolan.calico.model.IpPool;
import io.portolan.calico.model.IpamBlock;
import io.portolan.calico.model.IpamHandle;
import io.portolan.calico.model.Stored;
import io.portolan.common.kube.ObjectKey;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * Decides which addresses, blocks and handles nobody needs any more. Pure.
 *
 * <p>RULES (kube-controllers, {@code controllers/node/ipam.go}):
 *
 * <ul>
 *   <li>An address that says no pod and no tunnel is nobody's to collect, and neither is its node.
 *   <li>A pod's address is leaked when the pod is gone, is bound to another node, was evicted, or
 *       reports other addresses. While its node exists that must be so for a grace period.
 *   <li>A tunnel's address is leaked when its node is gone and nothing else keeps the node.
 *   <li>No address is released unless all of its handle are leaked.
 *   <li>An empty block is taken from a node that has another, after a grace period without a write;
 *       also the last one, if its pool does not select the node any more.
 *   <li>A node that is gone loses all its blocks once no pod has an address of it.
 * </ul>
 *
 * <p>Beyond these: an address that any pod of the node reports is in use, whatever its attributes
 * say; handles without addresses, and affinities without blocks, go after a grace period.
 */
public final class LeakCollector {
  /** Addresses released in one go. */
  private static final int MOST = 10_000;

  private final LeakSnapshot snapshot;
  private final Instant now;
  private final Duration grace;
  private final Map<LeakMemory.Allocation, Instant> leaks = new HashMap<>();
  private final Map<LeakMemory.EmptyBlock, Instant> empty = new HashMap<>();
  private final Map<LeakMemory.IdleObject, Instant> idle = new HashMap<>();

  /** Of each handle its leaks, or empty if something of it is in use. */
  private final Map<String, Optional<List<LeakPlan.Leak>>> byHandle = new LinkedHashMap<>();

  private final Map<String, List<LeakPlan.Leak>> tunnels = new HashMap<>();
  private final Set<String> used = new HashSet<>();

  /** Nodes that are gone but have addresses in use. */
  private final Set<String> kept = new HashSet<>();

  /** By node, what its pods report. */
  private final Map<String, Set<IpAddress>> reported = new HashMap<>();

  private int allocations;
  private int candidates;

  private LeakCollector(LeakSnapshot snapshot, Instant now, Duration grace) {
    this.snapshot = snapshot;
    this.now = now;
    this.grace = grace;
  }

  /**
   * @param grace how long something must look unused while its node exists
   */
  public static LeakPlan plan(LeakSnapshot snapshot, Instant now, Duration grace) {
    return new LeakCollector(snapshot, now, grace).plan();
  }

  private LeakPlan plan() {
    snapshot
        .pods()
        .values()
        .forEach(pod ->
            reported.computeIfAbsent(pod.node(), _ -> new HashSet<>()).addAll(pod.addresses()));
    List<Stored<IpamBlock>> settled = new ArrayList<>();
    for (Stored<IpamBlock> block : snapshot.blocks()) {
      for (int ordinal : block.value().held()) {
        allocation(block.value(), ordinal);
      }
      if (hasRested(block.value())) {
        settled.add(block);
      }
    }
    List<LeakPlan.BlockRelease> blocks = new ArrayList<>(ofGoneNodes());
    blocks.addAll(emptyBlocks());
    blocks.addAll(idleAffinities());
    return new LeakPlan(
        releases(),
        settled,
        blocks,
        idleHandles(),
        new LeakMemory(leaks, empty, idle),
        new LeakPlan.Counts(snapshot.blocks().size(), allocations, candidates));
  }

  private void allocation(IpamBlock block, int ordinal) {
    AllocationAttributes who = block.attributes(ordinal).orElseThrow();
    IpAddress address = block.address(ordinal);
    String handle = who.cleanHandle().orElse("");
    String node = who.owner(AllocationAttributes.NODE);
    if (handle.equalsIgnoreCase(IpamBlock.WINDOWS_HANDLE)) {
      return;
    }
    allocations++;
    used.add(handle);
    boolean gone = !node.isEmpty() && !snapshot.nodes().containsKey(node);
    boolean tunnel = who.owner(AllocationAttributes.TYPE).endsWith("TunnelAddress");
    Optional<ObjectKey> pod = tunnel ? Optional.empty() : pod(who);
    LeakPlan.Leak leak =
        new LeakPlan.Leak(
            new ReleaseRequest(address, handle, OptionalLong.of(block.sequence(ordinal))),
            pod,
            node);
    if (tunnel && gone) {
      tunnels.computeIfAbsent(node, _ -> new ArrayList<>()).add(leak);
    } else if (tunnel || handle.isEmpty() || pod.isEmpty() || isInUse(pod.get(), node, address)) {
      kept.add(node);
      byHandle.put(handle, Optional.empty());
    } else if (gone
        || isOver(new LeakMemory.Allocation(address, handle, block.sequence(ordinal)))) {
      leaked(handle, leak);
    } else {
      candidates++;
      byHandle.put(handle, Optional.empty());
    }
  }

  private static Optional<ObjectKey> pod(AllocationAttributes who) {
    String name = who.owner(AllocationAttributes.POD);
    String namespace = who.owner(AllocationAttributes.NAMESPACE);
    return name.isEmpty() || namespace.isEmpty()
        ? Optional.empty()
        : Optional.of(new ObjectKey(namespace, name));
  }

  private boolean isInUse(ObjectKey key, String node, IpAddress address) {
    PodFacts pod = snapshot.pods().get(key);
    return (pod != null && has(pod, node, address))
        || reported.getOrDefault(node, Set.of()).contains(address);
  }

  /** Whether the pod has, or may be about to have, the address that was assigned for it. */
  public static boolean has(PodFacts pod, String node, IpAddress address) {
    if (!pod.node().isEmpty() && !node.isEmpty() && !pod.node().equals(node)) {
      return false;
    }
    return pod.addresses().isEmpty() || (!pod.evicted() && pod.addresses().contains(address));
  }

  private boolean isOver(LeakMemory.Allocation allocation) {
    Instant since = snapshot.memory().leaks().getOrDefault(allocation, now);
    leaks.put(allocation, since);
    return !since.plus(grace).isAfter(now);
  }

  private void leaked(String handle, LeakPlan.Leak leak) {
    byHandle
        .computeIfAbsent(handle, _ -> Optional.of(new ArrayList<>()))
        .ifPresent(those -> those.add(leak));
  }

  private List<LeakPlan.HandleRelease> releases() {
    tunnels.forEach((node, those) -> {
      if (!kept.contains(node)) {
        those.forEach(leak -> leaked(leak.release().handle(), leak));
      }
    });
    List<LeakPlan.HandleRelease> releases = new ArrayList<>();
    int count = 0;
    for (Map.Entry<String, Optional<List<LeakPlan.Leak>>> each : byHandle.entrySet()) {
      if (each.getValue().isPresent() && count < MOST) {
        releases.add(new LeakPlan.HandleRelease(each.getKey(), each.getValue().get()));
        count += each.getValue().get().size();
      }
    }
    return releases;
  }

  private boolean hasRested(IpamBlock block) {
    return block.attributes().stream()
        .anyMatch(a ->
            a.releasedAt().filter(at -> at.isBefore(now.minus(snapshot.cooldown()))).isPresent());
  }

  /** Their blocks, also those of which only the affinity is left. */
  private List<LeakPlan.BlockRelease> ofGoneNodes() {
    Set<LeakPlan.BlockRelease> releases = new LinkedHashSet<>();
    for (Stored<IpamBlock> block : snapshot.blocks()) {
      block.value().owner().ifPresent(owner -> goneNode(owner, block.value().cidr(), releases));
    }
    for (Stored<BlockAffinity> affinity : snapshot.affinities()) {
      goneNode(affinity.value().owner(), affinity.value().cidr(), releases);
    }
    return List.copyOf(releases);
  }

  private void goneNode(AffinityOwner owner, Cidr cidr, Set<LeakPlan.BlockRelease> releases) {
    if (owner.type() == AffinityOwner.Type.HOST
        && !snapshot.nodes().containsKey(owner.host())
        && !kept.contains(owner.host())) {
      releases.add(new LeakPlan.BlockRelease(owner, cidr, false, OptionalLong.empty()));
    }
  }

  private List<LeakPlan.BlockRelease> emptyBlocks() {
    Map<String, Integer> owned = new TreeMap<>();
    for (Stored<IpamBlock> block : snapshot.blocks()) {
      block
          .value()
          .owner()
          .ifPresent(owner -> owned.merge(key(owner, block.value()), 1, Integer::sum));
    }
    List<LeakPlan.BlockRelease> releases = new ArrayList<>();
    for (Stored<IpamBlock> stored : snapshot.blocks()) {
      IpamBlock block = stored.value();
      Optional<AffinityOwner> owner = block.owner();
      if (!block.isEmpty()
          || owner.isEmpty()
          || owner.get().type() != AffinityOwner.Type.HOST
          || !snapshot.nodes().containsKey(owner.get().host())) {
        continue;
      }
      LeakMemory.EmptyBlock key = new LeakMemory.EmptyBlock(block.cidr(), block.sequence());
      Instant since = snapshot.memory().emptyBlocks().getOrDefault(key, now);
      empty.put(key, since);
      String count = key(owner.get(), block);
      if (since.plus(grace).isAfter(now)
          || (owned.getOrDefault(count, 0) <= 1 && isSelected(block, owner.get()))) {
        continue;
      }
      owned.merge(count, -1, Integer::sum);
      releases.add(
          new LeakPlan.BlockRelease(
              owner.get(), block.cidr(), true, OptionalLong.of(block.sequence())));
    }
    return releases;
  }

  private static String key(AffinityOwner owner, IpamBlock block) {
    return owner + " " + block.cidr().family();
  }

  private boolean isSelected(IpamBlock block, AffinityOwner owner) {
    Map<String, String> labels = snapshot.nodes().getOrDefault(owner.host(), Map.of());
    // Blocks of a pool that is gone are kept by nothing.
    return snapshot.pools().stream()
        .filter(pool -> pool.cidr().contains(block.cidr()))
        .anyMatch(pool -> isSelected(pool, labels));
  }

  private static boolean isSelected(IpPool pool, Map<String, String> labels) {
    return !pool.disabled() && PoolSelection.selectsNode(pool, labels);
  }

  /** What interrupted claims left behind. */
  private List<LeakPlan.BlockRelease> idleAffinities() {
    Set<String> owned = new HashSet<>();
    for (Stored<IpamBlock> block : snapshot.blocks()) {
      block.value().owner().ifPresent(owner -> owned.add(owner + " " + block.value().cidr()));
    }
    List<LeakPlan.BlockRelease> over = new ArrayList<>();
    for (Stored<BlockAffinity> affinity : snapshot.affinities()) {
      BlockAffinity value = affinity.value();
      if (!owned.contains(value.owner() + " " + value.cidr()) && isIdle(affinity)) {
        over.add(
            new LeakPlan.BlockRelease(value.owner(), value.cidr(), true, OptionalLong.empty()));
      }
    }
    return over;
  }

  private boolean isIdle(Stored<?> object) {
    LeakMemory.IdleObject key = new LeakMemory.IdleObject(object.name(), object.resourceVersion());
    Instant since = snapshot.memory().idleObjects().getOrDefault(key, now);
    idle.put(key, since);
    return !since.plus(grace).isAfter(now);
  }

  private List<Stored<IpamHandle>> idleHandles() {
    return snapshot.handles().stream()
        .filter(handle -> !used.contains(handle.value().id()))
        .filter(this::isIdle)
        .toList();
  }
}
