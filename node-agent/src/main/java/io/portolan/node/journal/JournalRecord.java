package io.portolan.node.journal;

import io.portolan.common.net.IpAddress;
import io.portolan.node.endpoint.Attachment;
import io.portolan.node.endpoint.AttachmentId;
import java.time.Instant;

/**
 * One step in the life of an attachment or of an address.
 *
 * <pre>
 *   Reserved ──> Attached ──> Detaching ──> Released (after one Cooling per address)
 *        └───────────────────────^
 * </pre>
 */
public sealed interface JournalRecord {
  /** The addresses are taken; wiring may begin. Found at recovery, it is undone. */
  record Reserved(Attachment attachment) implements JournalRecord {}

  /** The interface works; the runtime is about to be told. Found at recovery, it is kept. */
  record Attached(AttachmentId id) implements JournalRecord {}

  /** The interface is being taken away. Found at recovery, that is completed. */
  record Detaching(AttachmentId id) implements JournalRecord {}

  /** Nothing of the attachment is left but its addresses' rest, which {@link Cooling} tells. */
  record Released(AttachmentId id) implements JournalRecord {}

  /**
   * The address is held by nobody and not to be given before {@code until}. Written before {@link
   * Released}, so that no prefix of the journal frees an address without its rest.
   */
  record Cooling(IpAddress address, Instant until) implements JournalRecord {}
}
