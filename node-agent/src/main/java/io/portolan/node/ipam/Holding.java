package io.portolan.node.ipam;

import io.portolan.node.endpoint.Attachment;

/**
 * An attachment and how far it has come.
 *
 * @param attachment who holds what
 * @param phase how far
 * @param sequence rises with every reservation of this process; tells what is older than a request
 */
public record Holding(Attachment attachment, Phase phase, long sequence) {
  /** The phases of the journal. */
  public enum Phase {
    RESERVED,
    ATTACHED,
    DETACHING
  }

  Holding in(Phase next) {
    return new Holding(attachment, next, sequence);
  }
}
