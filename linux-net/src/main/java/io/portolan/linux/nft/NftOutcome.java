package io.portolan.linux.nft;

import java.util.OptionalInt;

/** What became of a transaction. */
public sealed interface NftOutcome {

  /** All of it is in force. */
  record Committed() implements NftOutcome {}

  /** Nothing was changed: somebody else committed since the generation that was given. */
  record Stale(long expectedGeneration) implements NftOutcome {}

  /**
   * Nothing was changed: the batch is longer than the socket may send. Split it.
   *
   * @param bytes of the batch
   * @param limit of the socket, in bytes
   */
  record TooLong(int bytes, int limit) implements NftOutcome {}

  /**
   * Nothing was changed: the kernel refused a command.
   *
   * @param index of the command in the transaction; empty if it is the whole that was refused, as
   *     for want of privilege or memory
   * @param errno positive error number
   * @param reason the command, the errno and the kernel's words
   */
  record Refused(OptionalInt index, int errno, String reason) implements NftOutcome {
    private static final int ENOENT = 2;
    private static final int EBUSY = 16;
    private static final int EEXIST = 17;

    /** Something the command refers to does not exist. */
    public boolean isNotFound() {
      return errno == ENOENT;
    }

    /** What the command creates exists, or an interval overlaps another. */
    public boolean isExists() {
      return errno == EEXIST;
    }

    /** Something still refers to what the command deletes. */
    public boolean isBusy() {
      return errno == EBUSY;
    }
  }

  default boolean isCommitted() {
    return this instanceof Committed;
  }

  /**
   * For callers to whom a refusal is a bug.
   *
   * @throws IllegalStateException saying what was refused
   */
  default void orThrow() {
    switch (this) {
      case Committed _ -> {}
      case Stale stale ->
          throw new IllegalStateException(
              "the ruleset is no longer of generation " + stale.expectedGeneration());
      case TooLong tooLong ->
          throw new IllegalStateException(
              "a transaction of "
                  + tooLong.bytes()
                  + " bytes; the socket sends at most "
                  + tooLong.limit());
      case Refused refused -> throw new IllegalStateException(refused.reason());
    }
  }
}
