package io.portolan.linux.nft;

/** A route lookup for the packet (enum nft_fib_result and nft_fib_flags). */
public enum FibField implements NftSelector {
  /** Kind of the source address: RTN_* of {@code linux/rtnetlink.h}, 2 is local. */
  SADDR_TYPE("fib saddr type", NftType.FIB_ADDRTYPE, 3, 1),
  /** Kind of the destination address: RTN_* of {@code linux/rtnetlink.h}, 2 is local. */
  DADDR_TYPE("fib daddr type", NftType.FIB_ADDRTYPE, 3, 2),
  /** Whether the source would be routed back out of the interface it came in by: 1 or 0. */
  SADDR_IIF_OIF("fib saddr . iif oif", NftType.BOOLEAN, 1, 1 | 8 | 32),
  /** The same, with the packet's mark deciding as it does for routing. */
  SADDR_MARK_IIF_OIF("fib saddr . mark . iif oif", NftType.BOOLEAN, 1, 1 | 4 | 8 | 32);

  private final String text;
  private final NftType type;
  private final int result;
  private final int flags;

  FibField(String text, NftType type, int result, int flags) {
    this.text = text;
    this.type = type;
    this.result = result;
    this.flags = flags;
  }

  @Override
  public NftType type() {
    return type;
  }

  @Override
  public String text() {
    return text;
  }

  /** What is asked for (NFT_FIB_RESULT_*). */
  public int result() {
    return result;
  }

  /** What the lookup takes into account (NFTA_FIB_F_*). */
  public int flags() {
    return flags;
  }
}
