package io.portolan.node.ipam;

import io.portolan.node.endpoint.Attachment;
import java.util.Optional;

/** What came of asking for addresses. */
public sealed interface ReserveOutcome {
  /**
   * @param attachment who holds which addresses now; the journal says so, see {@link Ledger}
   * @param earmark what the addresses were kept by, if they were
   */
  record Granted(Attachment attachment, Optional<Earmark> earmark) implements ReserveOutcome {}

  /** The attachment exists. */
  record Exists(Attachment attachment) implements ReserveOutcome {}

  /**
   * No address came free in time.
   *
   * @param shortage what is missing, in a sentence
   */
  record Exhausted(String shortage) implements ReserveOutcome {}

  /** The runtime asked for removal while the request waited. */
  record Cancelled() implements ReserveOutcome {}

  /**
   * The journal cannot be written; nothing was taken.
   *
   * @param reason what the file system says
   */
  record Unrecordable(String reason) implements ReserveOutcome {}
}
