package io.portolan.calico.ipam;

import io.portolan.calico.model.AffinityOwner;
import io.portolan.calico.model.BlockAffinity;
import io.portolan.calico.model.Codecs;
import io.portolan.calico.model.IpPool;
import io.portolan.calico.model.IpamBlock;
import io.portolan.calico.model.ObjectNames;
import io.portolan.calico.model.Stored;
import io.portolan.calico.store.IpamObjects;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Assigns addresses of the blocks that one owner has, and keeps these blocks in memory.
 *
 * <p>A batch of requests costs one write of a handle for each and one write of the block for all;
 * nothing is read, unless somebody else wrote the same block: then the write fails, the block is
 * read, and the batch is placed anew. A new block costs three writes and one list.
 *
 * <p>Calico's own address management may write the same objects at any time; every write here is a
 * compare-and-swap of what was last seen. Crash order:
 *
 * <pre>
 *   assign   handle written | block written | answer
 *   release  block written | handle deleted or reduced
 * </pre>
 *
 * <p>What a crash leaves is a handle that says too much, or an address whose request is repeated
 * and gets the same one again, because it is known by its handle.
 *
 * <p>Not for several threads; calls to the store block.
 */
public final class ResidentAllocator {
  private static final int ATTEMPTS = 100;

  private final IpamObjects objects;
  private final AffinityOwner owner;
  private final InstantSource clock;
  private final Parallel parallel;
  private final BlockClaims claims;
  private final HandleWrites handles;
  private final BlockGrowth growth;
  private IpamSettings settings;
  private final Map<Cidr, Stored<IpamBlock>> blocks = new TreeMap<>();

  public ResidentAllocator(
      IpamObjects objects,
      AffinityOwner owner,
      IpamSettings settings,
      InstantSource clock,
      Parallel parallel) {
    this.objects = objects;
    this.owner = owner;
    this.settings = settings;
    this.clock = clock;
    this.parallel = parallel;
    claims = new BlockClaims(objects, clock);
    handles = new HandleWrites(objects);
    growth = new BlockGrowth(objects, owner, clock, claims);
  }

  /** From now on. */
  public void settings(IpamSettings next) {
    settings = next;
  }

  /** The owner's blocks, by their CIDRs. */
  public Map<Cidr, IpamBlock> blocks() {
    Map<Cidr, IpamBlock> view = new TreeMap<>();
    blocks.forEach((cidr, block) -> view.put(cidr, block.value()));
    return Collections.unmodifiableMap(view);
  }

  /**
   * Reads what the owner has, and finishes claims that an earlier process began.
   *
   * @return what kept it from that; empty on success
   */
  public Optional<KubeFault> load() {
    // Old affinities have no label to ask for.
    KubeResult<IpamObjects.Listing<BlockAffinity>> all = objects.list(Codecs.AFFINITY);
    if (all.failure().isPresent()) {
      return all.failure();
    }
    blocks.clear();
    for (Stored<BlockAffinity> affinity : all.orThrow().objects()) {
      if (affinity.value().owner().equals(owner)) {
        Optional<KubeFault> fault = claim(affinity.value().cidr());
        if (fault.filter(f -> !f.reason().equals(IpamObjects.MALFORMED)).isPresent()) {
          return fault;
        }
      }
    }
    return Optional.empty();
  }

  private Optional<KubeFault> claim(Cidr cidr) {
    return switch (claims.claim(owner, cidr, false)) {
      case BlockClaims.Outcome.Owned(Stored<IpamBlock> block) -> {
        blocks.put(cidr, block);
        yield Optional.empty();
      }
      case BlockClaims.Outcome.NotOwned _, BlockClaims.Outcome.Kept _ -> {
        blocks.remove(cidr);
        yield Optional.empty();
      }
      case BlockClaims.Outcome.Fault(KubeFault fault) -> Optional.of(fault);
    };
  }

  /** Takes up what a watch brought; older states than the known one are ignored. */
  public void observed(Stored<IpamBlock> block) {
    Stored<IpamBlock> known = blocks.get(block.value().cidr());
    if (known == null || block.value().sequence() < known.value().sequence()) {
      return;
    }
    if (block.value().deleted() || !block.value().isOwnedBy(owner)) {
      blocks.remove(block.value().cidr());
    } else {
      blocks.put(block.value().cidr(), block);
    }
  }

  /** Takes up that a watch saw an own affinity that is not confirmed: a release that failed. */
  public Optional<KubeFault> reclaim(Cidr cidr) {
    return blocks.containsKey(cidr) ? claim(cidr) : Optional.empty();
  }

  /**
   * Assigns an address for each request.
   *
   * @return an outcome for each request, in order
   */
  public List<AssignOutcome> assign(List<AssignRequest> requests) {
    AssignBatch batch = new AssignBatch(requests);
    adoptResident(batch);
    for (int attempt = 0; attempt < ATTEMPTS && !batch.open().isEmpty(); attempt++) {
      Map<Cidr, List<AssignBatch.Slot>> placed = new LinkedHashMap<>();
      List<AssignBatch.Slot> unplaced = place(batch, placed);
      placed.forEach((cidr, slots) -> {
        Stored<IpamBlock> block = blocks.get(cidr);
        if (block != null) {
          keep(cidr, write(block, slots));
        }
      });
      // Others of the batch may go where the first one found room.
      if (placed.isEmpty() && !unplaced.isEmpty()) {
        grow(unplaced.getFirst());
      }
    }
    batch.open().forEach(slot -> slot.unavailable(KubeFaults.busy("the blocks of " + owner)));
    return batch.outcomes();
  }

  /** A request that is repeated is rare, and what memory says of it may be out of date. */
  private void adoptResident(AssignBatch batch) {
    for (Stored<IpamBlock> block : List.copyOf(blocks.values())) {
      Cidr cidr = block.value().cidr();
      if (batch.open().stream().anyMatch(slot -> slot.isIn(block.value()))) {
        afterFault(cidr, KubeFaults.busy(cidr.toString()), batch.open())
            .ifPresentOrElse(now -> keep(cidr, Optional.of(now)), () -> blocks.remove(cidr));
      }
    }
  }

  private List<AssignBatch.Slot> place(
      AssignBatch batch, Map<Cidr, List<AssignBatch.Slot>> placed) {
    Map<Cidr, Integer> room = new TreeMap<>();
    List<AssignBatch.Slot> unplaced = new ArrayList<>();
    for (AssignBatch.Slot slot : batch.open()) {
      slot.select(settings);
      if (slot.isDone()) {
        continue;
      }
      Optional<Cidr> home =
          slot.request().address().isPresent()
              ? blocks.keySet().stream()
                  .filter(cidr -> cidr.contains(slot.request().address().get()))
                  .findFirst()
              : roomy(slot, room);
      home.ifPresentOrElse(
          cidr -> placed.computeIfAbsent(cidr, _ -> new ArrayList<>()).add(slot),
          () -> unplaced.add(slot));
    }
    return unplaced;
  }

  private Optional<Cidr> roomy(AssignBatch.Slot slot, Map<Cidr, Integer> room) {
    for (IpPool pool : slot.pools()) {
      for (Map.Entry<Cidr, Stored<IpamBlock>> each : blocks.entrySet()) {
        if (pool.cidr().contains(each.getKey())) {
          int left =
              room.computeIfAbsent(
                  each.getKey(),
                  _ -> settled(each.getValue().value()).free(settings.reservations()));
          if (left > 0) {
            room.put(each.getKey(), left - 1);
            return Optional.of(each.getKey());
          }
        }
      }
    }
    return Optional.empty();
  }

  private BlockDraft settled(IpamBlock block) {
    BlockDraft draft = new BlockDraft(block);
    draft.settle(settings.configuration().cooldown(), clock.instant());
    return draft;
  }

  private void keep(Cidr cidr, Optional<Stored<IpamBlock>> block) {
    Optional<Stored<IpamBlock>> owned = block.filter(b -> b.value().isOwnedBy(owner));
    if (owned.isPresent()) {
      blocks.put(cidr, owned.get());
    } else {
      blocks.remove(cidr);
    }
  }

  /**
   * Assigns addresses of one block. Slots stay open where somebody else was faster.
   *
   * @return the block as it is then; empty if there is none that can be used
   */
  private Optional<Stored<IpamBlock>> write(Stored<IpamBlock> block, List<AssignBatch.Slot> slots) {
    Cidr cidr = block.value().cidr();
    List<KubeResult<HandleWrites.Ensured>> ensured =
        parallel.map(
            slots, slot -> handles.ensure(slot.request().handle(), cidr, slot.countIn(block)));
    BlockDraft draft = settled(block.value());
    Map<AssignBatch.Slot, IpAddress> given = new LinkedHashMap<>();
    for (int i = 0; i < slots.size(); i++) {
      AssignBatch.Slot slot = slots.get(i);
      switch (ensured.get(i)) {
        case KubeResult.Failed<HandleWrites.Ensured>(KubeFault fault) -> slot.unavailable(fault);
        case KubeResult.Ok<HandleWrites.Ensured>(HandleWrites.Ensured handle) -> {
          if (handle.existed()) {
            adoptElsewhere(slot, handle);
          }
          if (!slot.isDone()) {
            assign(draft, slot, cidr).ifPresent(address -> given.put(slot, address));
          }
        }
      }
    }
    if (given.isEmpty()) {
      return Optional.of(block);
    }
    return switch (objects.update(Codecs.BLOCK, block, draft.written())) {
      case KubeResult.Ok<Stored<IpamBlock>>(Stored<IpamBlock> written) -> {
        given.forEach((slot, address) ->
            slot.assigned(
                address, cidr, written.value().sequence(written.value().ordinal(address))));
        yield Optional.of(written);
      }
      case KubeResult.Failed<Stored<IpamBlock>>(KubeFault fault) ->
          afterFault(cidr, fault, given.keySet());
    };
  }

  private Optional<IpAddress> assign(BlockDraft draft, AssignBatch.Slot slot, Cidr cidr) {
    Optional<IpAddress> wanted = slot.request().address();
    if (wanted.isEmpty()) {
      return draft.assign(1, slot.request().who(), settings.reservations()).stream().findFirst();
    }
    if (draft.assign(wanted.get(), slot.request().who())) {
      return wanted;
    }
    slot.refused(wanted.get() + " of " + cidr + " is assigned to somebody else, or rests");
    return Optional.empty();
  }

  /** An earlier request under the handle may have been answered, or died before its answer. */
  private void adoptElsewhere(AssignBatch.Slot slot, HandleWrites.Ensured handle) {
    for (Cidr cidr : handle.handle().blocks().keySet()) {
      if (cidr.family() == slot.request().family() && !blocks.containsKey(cidr)) {
        objects
            .get(Codecs.BLOCK, ObjectNames.block(cidr))
            .toOptional()
            .ifPresent(block -> slot.adopt(block.value()));
      }
    }
  }

  private Optional<Stored<IpamBlock>> afterFault(
      Cidr cidr, KubeFault fault, Iterable<AssignBatch.Slot> slots) {
    Optional<KubeFault> last =
        switch (fault.kind()) {
          case CONFLICT, NOT_FOUND, UNAVAILABLE, ALREADY_EXISTS -> Optional.empty();
          case EXPIRED, INVALID, DENIED, THROTTLED -> Optional.of(fault);
        };
    KubeResult<Stored<IpamBlock>> now = objects.get(Codecs.BLOCK, ObjectNames.block(cidr));
    if (last.isEmpty()
        && now.failure().filter(f -> f.kind() != KubeFault.Kind.NOT_FOUND).isPresent()) {
      last = now.failure();
    }
    for (AssignBatch.Slot slot : slots) {
      now.toOptional().ifPresent(block -> slot.adopt(block.value()));
      if (!slot.isDone()) {
        last.ifPresent(slot::unavailable);
      }
    }
    return now.toOptional();
  }

  /** Finds room for a request where the owner has none. */
  private void grow(AssignBatch.Slot slot) {
    IpFamily family = slot.request().family();
    long owned = blocks.keySet().stream().filter(cidr -> cidr.family() == family).count();
    switch (growth.find(slot, settings, owned, blocks.keySet())) {
      case BlockGrowth.Outcome.Claimed(Stored<IpamBlock> block) ->
          blocks.put(block.value().cidr(), block);
      case BlockGrowth.Outcome.Borrowed(Stored<IpamBlock> block) -> write(block, List.of(slot));
      case BlockGrowth.Outcome.Nothing(String reason) -> slot.refused(reason);
      case BlockGrowth.Outcome.Fault(KubeFault fault) -> slot.unavailable(fault);
    }
  }

  /**
   * Releases addresses; what is not assigned, or otherwise than the caller knows, is left alone.
   *
   * @return for each, in order, why it may not have been released; empty on success
   */
  public List<Optional<KubeFault>> release(List<ReleaseRequest> requests) {
    ReleaseBatch batch = new ReleaseBatch(objects, handles, clock, parallel);
    return batch.release(requests, settings, blocks, (cidr, block) -> keep(cidr, block));
  }
}
