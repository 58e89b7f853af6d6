package io.portolan.calico.model;

import io.portolan.common.net.Cidr;
import java.util.Arrays;

/**
 * A claim of an owner to a block. Only a confirmed one whose block names the same owner is more
 * than an intention.
 *
 * @param deleted on its way out: to be treated as absent
 */
public record BlockAffinity(AffinityOwner owner, Cidr cidr, State state, boolean deleted) {
  /** How far the claim has come. */
  public enum State {
    /** The block may not exist yet, or may be another's. */
    PENDING("pending"),
    CONFIRMED("confirmed"),
    /** The block is being given up. */
    PENDING_DELETION("pendingDeletion");

    private final String text;

    State(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }

    /** Old objects have none, and are confirmed. */
    static State parse(String text) {
      if (text.isEmpty()) {
        return CONFIRMED;
      }
      return Arrays.stream(values())
          .filter(state -> state.text.equals(text))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException("no such state: '" + text + "'"));
    }
  }

  public static BlockAffinity pending(AffinityOwner owner, Cidr cidr) {
    return new BlockAffinity(owner, cidr, State.PENDING, false);
  }

  public BlockAffinity in(State next) {
    return new BlockAffinity(owner, cidr, next, deleted);
  }
}
