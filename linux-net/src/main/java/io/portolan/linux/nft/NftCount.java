package io.portolan.linux.nft;

/** What a counter has seen. */
public record NftCount(long packets, long bytes) {
  public static final NftCount ZERO = new NftCount(0, 0);
}
