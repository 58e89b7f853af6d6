package io.portolan.linux.nft;

/**
 * A closed range of values of one type; CIDR blocks are ranges too.
 *
 * @param to inclusive, greater than {@code from}; a range of one value is an {@link NftValue}
 */
public record NftInterval(NftValue from, NftValue to) implements NftKeyPart {
  public NftInterval {
    if (from.type() != to.type()) {
      throw new IllegalArgumentException(
          "a range has one type, not " + from.type().text() + " and " + to.type().text());
    }
    if (!from.type().networkOrder()) {
      throw new IllegalArgumentException(
          "values of type "
              + from.type().text()
              + " are in host byte order; the kernel cannot order them: list them one by one");
    }
    if (from.compareTo(to) >= 0) {
      throw new IllegalArgumentException(
          "a range goes up: " + from + "-" + to + "; use the value itself for a single one");
    }
  }

  /** From first to last; a plain value when they are equal. */
  public static NftKeyPart of(NftValue from, NftValue to) {
    return from.equals(to) ? from : new NftInterval(from, to);
  }

  /**
   * The block of values that share the first bits of {@code network}; its host bits are cleared.
   */
  public static NftKeyPart prefix(NftValue network, int prefixLength) {
    if (prefixLength < 0 || prefixLength > network.bits()) {
      throw new IllegalArgumentException(
          network + "/" + prefixLength + ": a prefix length is 0 to " + network.bits());
    }
    return of(network.firstOf(prefixLength), network.lastOf(prefixLength));
  }

  @Override
  public NftType type() {
    return from.type();
  }

  /** {@code 10.0.0.0/8} where the range is a block of addresses, else {@code 80-90}. */
  @Override
  public String toString() {
    return NftValueText.of(this);
  }
}
