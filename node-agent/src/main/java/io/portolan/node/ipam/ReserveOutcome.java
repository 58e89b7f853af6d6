package io.portolan.node.ipam;

import io.portolan.node.endpoint.Attachment;
import java.util.concurrent.CompletableFuture;

/** What came of asking for addresses. */
public sealed interface ReserveOutcome {
  /**
   * @param attachment who holds which addresses now
   * @param durable completes when that survives the machine's death; wiring need not wait for it,
   *     the runtime's answer must
   */
  record Granted(Attachment attachment, CompletableFuture<Void> durable)
      implements ReserveOutcome {}

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
