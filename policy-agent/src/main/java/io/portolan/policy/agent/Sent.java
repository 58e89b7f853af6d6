package io.portolan.policy.agent;

import io.portolan.linux.nft.NftCommand;
import io.portolan.linux.nft.NftOutcome;
import java.util.Optional;

/**
 * What became of a transaction.
 *
 * @param command the one that was refused, if the kernel named one
 */
record Sent(NftOutcome outcome, Optional<NftCommand> command) {
  static final Sent COMMITTED = new Sent(new NftOutcome.Committed(), Optional.empty());

  /** Enough for the command and the kernel's word on it, without a long list of elements. */
  private static final int MOST = 300;

  boolean isCommitted() {
    return outcome.isCommitted();
  }

  /** Whether the kernel's table seems not to be what it was taken for. */
  boolean tellsOfAnotherTable() {
    return outcome instanceof NftOutcome.Refused refused
        && (refused.isNotFound() || refused.isExists() || refused.isBusy());
  }

  /** For people: the ends of it, where it is long. */
  String reason() {
    String text = outcome instanceof NftOutcome.Refused refused ? refused.reason() : "" + outcome;
    return text.length() <= MOST
        ? text
        : text.substring(0, MOST / 2) + " ... " + text.substring(text.length() - MOST / 2);
  }
}
