package io.portolan.node.ipam;

import io.portolan.node.endpoint.Attachment;

/**
 * An attachment and how far it has come.
 *
 * @param attachment who holds what
 * @param phase how far
 */
public record Holding(Attachment attachment, Phase phase) {
  /** The phases of the journal. */
  public enum Phase {
    RESERVED,
    ATTACHED,
    DETACHING
  }

  Holding in(Phase next) {
    return new Holding(attachment, next);
  }
}
