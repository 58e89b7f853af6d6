package io.portolan.calico.ipam;

import io.portolan.calico.model.AffinityOwner;
import io.portolan.calico.model.BlockAffinity;
import io.portolan.calico.model.Codecs;
import io.portolan.calico.model.IpamBlock;
import io.portolan.calico.model.ObjectNames;
import io.portolan.calico.model.Stored;
import io.portolan.calico.store.IpamObjects;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import io.portolan.common.net.Cidr;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;

/** Carries out {@link ClaimProtocol} against a store. Not for several threads. */
final class BlockClaims {
  /** A claim that others disturb this often gives up. */
  private static final int STEPS = 100;

  private final IpamObjects objects;
  private final InstantSource clock;

  BlockClaims(IpamObjects objects, InstantSource clock) {
    this.objects = objects;
    this.clock = clock;
  }

  /** What came of a claim or a release. */
  sealed interface Outcome {
    /** The owner has the block. */
    record Owned(Stored<IpamBlock> block) implements Outcome {}

    /** The owner does not have the block. */
    record NotOwned() implements Outcome {}

    /** The owner keeps the block, because it is in use or has changed. */
    record Kept() implements Outcome {}

    record Fault(KubeFault fault) implements Outcome {}
  }

  /** What is known of the two objects; each is read when nothing is. */
  private static final class Known {
    private Optional<Stored<BlockAffinity>> affinity = Optional.empty();
    private Optional<Stored<IpamBlock>> block = Optional.empty();
    private boolean affinityRead;
    private boolean blockRead;
    private boolean touched;

    private Optional<BlockAffinity> affinity() {
      return affinity.map(Stored::value);
    }

    private Optional<IpamBlock> block() {
      return block.map(Stored::value);
    }
  }

  /**
   * Makes {@code owner} the block's, unless another is.
   *
   * @param fresh whether nothing is thought to be there: then nothing is read before it is written
   */
  Outcome claim(AffinityOwner owner, Cidr cidr, boolean fresh) {
    Known known = new Known();
    known.affinityRead = fresh;
    known.blockRead = fresh;
    for (int step = 0; step < STEPS; step++) {
      Optional<KubeFault> fault = read(known, owner, cidr);
      if (fault.isPresent()) {
        return new Outcome.Fault(fault.get());
      }
      switch (ClaimProtocol.claim(owner, known.affinity(), known.block(), known.touched)) {
        case DONE -> {
          return new Outcome.Owned(known.block.orElseThrow());
        }
        case LOST -> {
          return new Outcome.NotOwned();
        }
        case CREATE_AFFINITY ->
            fault =
                affinity(
                    known, objects.create(Codecs.AFFINITY, BlockAffinity.pending(owner, cidr)));
        case MARK_PENDING -> fault = mark(known, BlockAffinity.State.PENDING);
        case CONFIRM -> fault = mark(known, BlockAffinity.State.CONFIRMED);
        case CREATE_BLOCK -> {
          Instant now = clock.instant();
          fault =
              block(
                  known,
                  objects.create(Codecs.BLOCK, IpamBlock.claimed(cidr, owner, now, nanos(now))));
          known.touched = fault.isEmpty() && known.blockRead;
        }
        case TOUCH_BLOCK -> {
          Stored<IpamBlock> block = known.block.orElseThrow();
          fault =
              block(
                  known,
                  objects.update(Codecs.BLOCK, block, new BlockDraft(block.value()).written()));
          known.touched = fault.isEmpty() && known.blockRead;
        }
        case DELETE_AFFINITY -> {
          fault = deleteAffinity(known);
          if (fault.isEmpty() && known.affinityRead) {
            return new Outcome.NotOwned();
          }
        }
      }
      if (fault.isPresent()) {
        return new Outcome.Fault(fault.get());
      }
    }
    return new Outcome.Kept();
  }

  /**
   * Takes the block from its owner.
   *
   * @param mustBeEmpty whether a block in use is kept
   * @param sequence it must still be at; empty for any
   */
  Outcome release(AffinityOwner owner, Cidr cidr, boolean mustBeEmpty, OptionalLong sequence) {
    Known known = new Known();
    for (int step = 0; step < STEPS; step++) {
      Optional<KubeFault> fault = read(known, owner, cidr);
      if (fault.isPresent()) {
        return new Outcome.Fault(fault.get());
      }
      if (step == 0
          && sequence.isPresent()
          && known.block().filter(b -> b.sequence() == sequence.getAsLong()).isEmpty()) {
        return new Outcome.Kept();
      }
      switch (ClaimProtocol.release(owner, known.affinity(), known.block(), mustBeEmpty)) {
        case DONE -> {
          return new Outcome.NotOwned();
        }
        case IN_USE -> {
          return new Outcome.Kept();
        }
        case MARK_DELETION -> fault = mark(known, BlockAffinity.State.PENDING_DELETION);
        case CONFIRM_AGAIN -> fault = mark(known, BlockAffinity.State.CONFIRMED);
        case DELETE_BLOCK -> {
          KubeResult<Boolean> deleted = objects.delete(Codecs.BLOCK, known.block.orElseThrow());
          known.block = Optional.empty();
          known.blockRead = deleted.failure().isEmpty();
          fault = passing(deleted.failure());
        }
        case DISOWN_BLOCK -> {
          Stored<IpamBlock> block = known.block.orElseThrow();
          BlockDraft draft = new BlockDraft(block.value());
          draft.disown();
          fault = block(known, objects.update(Codecs.BLOCK, block, draft.written()));
        }
        case DELETE_AFFINITY -> {
          fault = deleteAffinity(known);
          if (fault.isEmpty() && known.affinityRead) {
            return new Outcome.NotOwned();
          }
        }
      }
      if (fault.isPresent()) {
        return new Outcome.Fault(fault.get());
      }
    }
    return new Outcome.Kept();
  }

  private Optional<KubeFault> read(Known known, AffinityOwner owner, Cidr cidr) {
    // The affinity first: an owner that is confirmed meanwhile has a block already.
    if (!known.affinityRead) {
      KubeResult<Stored<BlockAffinity>> read =
          objects.get(Codecs.AFFINITY, ObjectNames.affinity(owner.host(), cidr));
      Optional<KubeFault> fault = absence(read);
      if (fault.isPresent()) {
        return fault;
      }
      known.affinity = read.toOptional();
      known.affinityRead = true;
    }
    if (!known.blockRead) {
      KubeResult<Stored<IpamBlock>> read = objects.get(Codecs.BLOCK, ObjectNames.block(cidr));
      Optional<KubeFault> fault = absence(read);
      if (fault.isPresent()) {
        return fault;
      }
      known.block = read.toOptional();
      known.blockRead = true;
      known.touched = false;
    }
    return Optional.empty();
  }

  private static Optional<KubeFault> absence(KubeResult<?> read) {
    return read.failure().filter(fault -> fault.kind() != KubeFault.Kind.NOT_FOUND);
  }

  private Optional<KubeFault> mark(Known known, BlockAffinity.State state) {
    Stored<BlockAffinity> before = known.affinity.orElseThrow();
    return affinity(known, objects.update(Codecs.AFFINITY, before, before.value().in(state)));
  }

  private Optional<KubeFault> deleteAffinity(Known known) {
    KubeResult<Boolean> deleted = objects.delete(Codecs.AFFINITY, known.affinity.orElseThrow());
    known.affinity = Optional.empty();
    known.affinityRead = deleted.failure().isEmpty();
    return passing(deleted.failure());
  }

  private static Optional<KubeFault> affinity(
      Known known, KubeResult<Stored<BlockAffinity>> written) {
    known.affinity = written.toOptional();
    known.affinityRead = known.affinity.isPresent();
    return passing(written.failure());
  }

  private static Optional<KubeFault> block(Known known, KubeResult<Stored<IpamBlock>> written) {
    known.block = written.toOptional();
    known.blockRead = known.block.isPresent();
    return passing(written.failure());
  }

  /** Whom another was faster than, and who got no answer, reads and goes on from there. */
  private static Optional<KubeFault> passing(Optional<KubeFault> fault) {
    return fault.filter(f ->
        switch (f.kind()) {
          case CONFLICT, ALREADY_EXISTS, NOT_FOUND, UNAVAILABLE -> false;
          case EXPIRED, INVALID, DENIED, THROTTLED -> true;
        });
  }

  private static long nanos(Instant time) {
    return Duration.between(Instant.EPOCH, time).toNanos();
  }
}
