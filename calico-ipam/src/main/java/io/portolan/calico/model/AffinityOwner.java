package io.portolan.calico.model;

import java.util.Arrays;

/**
 * Who has a block.
 *
 * @param host the node's name, or {@code load-balancer}
 */
public record AffinityOwner(Type type, String host) implements Comparable<AffinityOwner> {
  /** The owner of the blocks that Services' addresses are taken from. */
  public static final AffinityOwner LOAD_BALANCER =
      new AffinityOwner(Type.VIRTUAL, "load-balancer");

  /** What kind of owner. */
  public enum Type {
    /** A node. */
    HOST("host"),
    /** Something that is no machine. */
    VIRTUAL("virtual");

    private final String text;

    Type(String text) {
      this.text = text;
    }

    /** As objects say it. */
    public String text() {
      return text;
    }

    /**
     * @throws IllegalArgumentException for another text
     */
    static Type parse(String text) {
      return Arrays.stream(values())
          .filter(type -> type.text.equals(text))
          .findFirst()
          .orElseThrow(
              () -> new IllegalArgumentException("expected host or virtual, not '" + text + "'"));
    }
  }

  public AffinityOwner {
    if (host.isEmpty()) {
      throw new IllegalArgumentException("the owner of a block has a name");
    }
  }

  public static AffinityOwner node(String name) {
    return new AffinityOwner(Type.HOST, name);
  }

  /**
   * Parses {@code host:NAME} or {@code virtual:NAME}.
   *
   * @throws IllegalArgumentException if the text is anything else
   */
  public static AffinityOwner parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("expected host:NAME or virtual:NAME, not '" + text + "'");
    }
    return new AffinityOwner(Type.parse(text.substring(0, colon)), text.substring(colon + 1));
  }

  @Override
  public int compareTo(AffinityOwner other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return type.text + ":" + host;
  }
}
