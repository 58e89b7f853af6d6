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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Finds room for an owner whose blocks have none: a block nobody has, one that another has and does
 * not use, or an address of another's block, in this order.
 */
final class BlockGrowth {
  /**
   * A block this young is not taken from its owner, who may be about to use it: two owners would
   * take it from each other for ever.
   */
  private static final Duration YOUNG = Duration.ofMinutes(1);

  /** In a row; each means that somebody was faster. */
  private static final int LOST_CLAIMS = 100;

  /** Before a pool counts as without free blocks; reservations may hide very many. */
  private static final int LONGEST_SEARCH = 1 << 20;

  private final IpamObjects objects;
  private final AffinityOwner owner;
  private final InstantSource clock;
  private final BlockClaims claims;

  BlockGrowth(IpamObjects objects, AffinityOwner owner, InstantSource clock, BlockClaims claims) {
    this.objects = objects;
    this.owner = owner;
    this.clock = clock;
    this.claims = claims;
  }

  /** What was found. */
  sealed interface Outcome {
    /** The owner's from now on. */
    record Claimed(Stored<IpamBlock> block) implements Outcome {}

    /** Somebody else's, with a free address. */
    record Borrowed(Stored<IpamBlock> block) implements Outcome {}

    /**
     * @param reason in a sentence, with the way out
     */
    record Nothing(String reason) implements Outcome {}

    record Fault(KubeFault fault) implements Outcome {}
  }

  Outcome find(
      AssignBatch.Slot slot, IpamSettings settings, long owned, Collection<Cidr> resident) {
    if (slot.request().address().isPresent()) {
      return findFixed(slot.request().address().get(), slot.pools().getFirst(), settings);
    }
    int limit = settings.configuration().blockLimit();
    boolean mayClaim = settings.configuration().autoAllocateBlocks() && owned < limit;
    if (settings.configuration().autoAllocateBlocks() && !mayClaim) {
      return new Outcome.Nothing(
          "all addresses of this node's "
              + owned
              + " blocks are taken and it may have no more ("
              + (settings.configuration().maxBlocksPerHost() == 0
                  ? "default limit "
                  : "maxBlocksPerHost ")
              + limit
              + "); raise maxBlocksPerHost of the IPAM configuration");
    }
    if (mayClaim) {
      Optional<Outcome> unclaimed = unclaimed(slot.pools(), settings, resident);
      if (unclaimed.isPresent()) {
        return unclaimed.get();
      }
    }
    return among(slot.pools(), settings, mayClaim);
  }

  private Optional<Outcome> unclaimed(
      List<IpPool> pools, IpamSettings settings, Collection<Cidr> resident) {
    KubeResult<IpamObjects.Listing<BlockAffinity>> all = objects.list(Codecs.AFFINITY);
    if (all.failure().isPresent()) {
      return Optional.of(new Outcome.Fault(all.failure().get()));
    }
    Set<Cidr> taken = new HashSet<>();
    List<Cidr> begun = new ArrayList<>();
    for (Stored<BlockAffinity> affinity : all.orThrow().objects()) {
      Cidr cidr = affinity.value().cidr();
      if (!affinity.value().owner().equals(owner)) {
        taken.add(cidr);
      } else if (!resident.contains(cidr)) {
        begun.add(cidr);
      } else {
        taken.add(cidr);
      }
    }
    int lost = 0;
    for (IpPool pool : pools) {
      for (Cidr cidr : begun) {
        if (pool.cidr().contains(cidr)
            && claimed(cidr, false) instanceof Outcome.Claimed done
            && hasRoom(done.block().value(), settings)) {
          return Optional.of(done);
        }
        taken.add(cidr);
      }
      int steps = 0;
      for (Cidr cidr : new BlockSequence(pool, owner.toString(), seed(pool))) {
        if (++steps > LONGEST_SEARCH || lost > LOST_CLAIMS) {
          break;
        }
        if (taken.contains(cidr) || settings.reservations().covers(cidr)) {
          continue;
        }
        Outcome outcome = claimed(cidr, true);
        if (!(outcome instanceof Outcome.Nothing)) {
          return Optional.of(outcome);
        }
        lost++;
      }
    }
    return Optional.empty();
  }

  /** Blocks of one address are wanted by all at once; owners should not follow one another. */
  private long seed(IpPool pool) {
    return pool.blockSize() == pool.cidr().family().bits() ? clock.instant().toEpochMilli() : 0;
  }

  private Outcome claimed(Cidr cidr, boolean fresh) {
    return switch (claims.claim(owner, cidr, fresh)) {
      case BlockClaims.Outcome.Owned(Stored<IpamBlock> block) -> new Outcome.Claimed(block);
      case BlockClaims.Outcome.NotOwned _, BlockClaims.Outcome.Kept _ ->
          new Outcome.Nothing(cidr + " is another's");
      case BlockClaims.Outcome.Fault(KubeFault fault) ->
          fault.reason().equals(IpamObjects.MALFORMED)
              ? new Outcome.Nothing(fault.message())
              : new Outcome.Fault(fault);
    };
  }

  private boolean hasRoom(IpamBlock block, IpamSettings settings) {
    BlockDraft draft = new BlockDraft(block);
    draft.settle(settings.configuration().cooldown(), clock.instant());
    return draft.free(settings.reservations()) > 0;
  }

  /** Looks at the blocks there are. */
  private Outcome among(List<IpPool> pools, IpamSettings settings, boolean mayClaim) {
    KubeResult<IpamObjects.Listing<IpamBlock>> all = objects.list(Codecs.BLOCK);
    if (all.failure().isPresent()) {
      return new Outcome.Fault(all.failure().get());
    }
    Map<Cidr, Stored<IpamBlock>> others = new LinkedHashMap<>();
    int count = 0;
    for (IpPool pool : pools) {
      for (Stored<IpamBlock> block : all.orThrow().objects()) {
        if (pool.cidr().contains(block.value().cidr())) {
          count++;
          if (!block.value().isOwnedBy(owner) && hasRoom(block.value(), settings)) {
            others.put(block.value().cidr(), block);
          }
        }
      }
    }
    if (mayClaim) {
      for (Stored<IpamBlock> block : others.values()) {
        Optional<Outcome> taken = takeOver(block);
        if (taken.isPresent()) {
          return taken.get();
        }
      }
    }
    if (!settings.configuration().strictAffinity() && !others.isEmpty()) {
      List<Stored<IpamBlock>> candidates = List.copyOf(others.values());
      int start = Math.floorMod(owner.toString().hashCode(), candidates.size());
      return new Outcome.Borrowed(candidates.get(start));
    }
    return new Outcome.Nothing(exhausted(pools, count, others.size(), settings));
  }

  private static String exhausted(List<IpPool> pools, int count, int roomy, IpamSettings settings) {
    String way = "; add an IPPool, or free addresses: see 'portolan ipam show'";
    if (roomy > 0) {
      return "the pools "
          + pools
          + " have no block left for this node, and strictAffinity keeps"
          + " it from the "
          + roomy
          + " blocks of others that have room"
          + way;
    }
    return "the pools "
        + pools
        + " have no free address: all of their "
        + count
        + " blocks are taken"
        + (settings.configuration().autoAllocateBlocks() ? "" : " and autoAllocateBlocks is off")
        + way;
  }

  private Optional<Outcome> takeOver(Stored<IpamBlock> block) {
    IpamBlock value = block.value();
    Instant claimed = value.claimed().orElse(Instant.EPOCH);
    if (value.owner().isEmpty()
        || !value.isEmpty()
        || claimed.plus(YOUNG).isAfter(clock.instant())) {
      return Optional.empty();
    }
    BlockClaims.Outcome released =
        claims.release(value.owner().get(), value.cidr(), true, OptionalLong.of(value.sequence()));
    if (released instanceof BlockClaims.Outcome.NotOwned
        && claimed(value.cidr(), true) instanceof Outcome.Claimed done) {
      return Optional.of(done);
    }
    return Optional.empty();
  }

  private Outcome findFixed(IpAddress address, IpPool pool, IpamSettings settings) {
    Cidr cidr = Cidr.containing(address, pool.blockSize());
    KubeResult<Stored<IpamBlock>> block = objects.get(Codecs.BLOCK, ObjectNames.block(cidr));
    if (block.toOptional().isPresent()) {
      Stored<IpamBlock> found = block.toOptional().get();
      if (found.value().isOwnedBy(owner)) {
        return claimed(cidr, false);
      }
      return settings.configuration().strictAffinity()
          ? new Outcome.Nothing(
              address
                  + " was asked for, but its block "
                  + cidr
                  + " is another's and strictAffinity is on")
          : new Outcome.Borrowed(found);
    }
    if (block.failure().filter(f -> f.kind() == KubeFault.Kind.NOT_FOUND).isEmpty()) {
      return new Outcome.Fault(block.failure().orElseThrow());
    }
    return claimed(cidr, true);
  }
}
