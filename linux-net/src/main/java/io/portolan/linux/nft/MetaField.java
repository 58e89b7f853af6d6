package io.portolan.linux.nft;

/** Packet meta data (enum nft_meta_keys). */
public enum MetaField implements NftSelector {
  PROTOCOL("meta protocol", NftType.ETHER_TYPE, 1),
  MARK("meta mark", NftType.MARK, 3),
  IIFNAME("iifname", NftType.IFNAME, 6),
  OIFNAME("oifname", NftType.IFNAME, 7),
  NFPROTO("meta nfproto", NftType.NFPROTO, 15),
  L4PROTO("meta l4proto", NftType.INET_PROTO, 16),
  PKTTYPE("meta pkttype", NftType.PKT_TYPE, 19);

  private final String text;
  private final NftType type;
  private final int number;

  MetaField(String text, NftType type, int number) {
    this.text = text;
    this.type = type;
    this.number = number;
  }

  @Override
  public NftType type() {
    return type;
  }

  @Override
  public String text() {
    return text;
  }

  /** The kernel's number. */
  public int number() {
    return number;
  }
}
