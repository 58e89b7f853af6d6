package io.portolan.calico.ipam;

import io.portolan.calico.model.AffinityOwner;
import io.portolan.calico.model.BlockAffinity;
import io.portolan.calico.model.IpamBlock;
import java.util.Optional;

/**
 * How an owner gets a block, and gives it up. Each step follows from what is stored, so a claim
 * that was interrupted anywhere goes on where it stands, whoever began it.
 *
 * <pre>
 *   claim    affinity pending ─> block created ─> affinity confirmed
 *            (the block is another's: affinity deleted)
 *   release  affinity pendingDeletion ─> block deleted, or disowned if in use ─> affinity deleted
 * </pre>
 *
 * <p>A crash leaves: an affinity without a block, which counts for nothing and is taken up by the
 * next claim; a block whose affinity is pending, which its owner confirms after writing the block
 * once, so that a release that is under way fails; an affinity pending deletion without a block,
 * which the next claim turns to pending.
 */
final class ClaimProtocol {
  private ClaimProtocol() {}

  /** What to do next. */
  enum Claim {
    CREATE_AFFINITY,
    /** Write the affinity as pending. */
    MARK_PENDING,
    CREATE_BLOCK,
    /** Write the block as it is, so that writes based on an older state of it fail. */
    TOUCH_BLOCK,
    CONFIRM,
    /** The block is another's, and the affinity says nothing true. */
    DELETE_AFFINITY,
    /** The owner has the block. */
    DONE,
    /** The block is another's. */
    LOST
  }

  /**
   * @param affinity of the owner to the block, if there is one that is not deleted
   * @param block if there is one that is not deleted
   * @param touched whether the block's present state was written in this claim
   */
  static Claim claim(
      AffinityOwner owner,
      Optional<BlockAffinity> affinity,
      Optional<IpamBlock> block,
      boolean touched) {
    if (block.filter(b -> !b.isOwnedBy(owner)).isPresent()) {
      return affinity.isPresent() ? Claim.DELETE_AFFINITY : Claim.LOST;
    }
    if (affinity.isEmpty()) {
      return Claim.CREATE_AFFINITY;
    }
    return switch (affinity.get().state()) {
      case CONFIRMED -> block.isPresent() ? Claim.DONE : Claim.MARK_PENDING;
      case PENDING_DELETION -> Claim.MARK_PENDING;
      case PENDING ->
          block.isEmpty() ? Claim.CREATE_BLOCK : touched ? Claim.CONFIRM : Claim.TOUCH_BLOCK;
    };
  }

  /** What to do next to give a block up. */
  enum Release {
    /** Write the affinity as pending deletion. */
    MARK_DELETION,
    DELETE_BLOCK,
    /** Write the block without its owner. */
    DISOWN_BLOCK,
    DELETE_AFFINITY,
    /** The owner has neither. */
    DONE,
    /** The block came into use meanwhile: write the affinity as confirmed again. */
    CONFIRM_AGAIN,
    /** The block is in use, and was to be given up only if it is not. */
    IN_USE
  }

  /**
   * @param mustBeEmpty whether a block in use is to be kept
   */
  static Release release(
      AffinityOwner owner,
      Optional<BlockAffinity> affinity,
      Optional<IpamBlock> block,
      boolean mustBeEmpty) {
    Optional<IpamBlock> owned = block.filter(b -> b.isOwnedBy(owner));
    if (owned.isEmpty()) {
      return affinity.isPresent() ? Release.DELETE_AFFINITY : Release.DONE;
    }
    boolean marked =
        affinity.filter(a -> a.state() == BlockAffinity.State.PENDING_DELETION).isPresent();
    if (mustBeEmpty && !owned.get().isEmpty()) {
      return marked ? Release.CONFIRM_AGAIN : Release.IN_USE;
    }
    if (affinity.isPresent() && !marked) {
      return Release.MARK_DELETION;
    }
    return owned.get().isEmpty() ? Release.DELETE_BLOCK : Release.DISOWN_BLOCK;
  }
}
