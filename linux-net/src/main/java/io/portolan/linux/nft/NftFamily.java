package io.portolan.linux.nft;

import java.util.Arrays;

/** The address family of a table (NFPROTO_* in {@code linux/netfilter.h}). */
public enum NftFamily {
  INET("inet", 1),
  IP("ip", 2),
  ARP("arp", 3),
  NETDEV("netdev", 5),
  BRIDGE("bridge", 7),
  IP6("ip6", 10);

  private final String text;
  private final int number;

  NftFamily(String text, int number) {
    this.text = text;
    this.number = number;
  }

  /** The word nft uses. */
  public String text() {
    return text;
  }

  /** The kernel's number, as it stands in {@code struct nfgenmsg}. */
  public int number() {
    return number;
  }

  /**
   * @throws IllegalArgumentException if the kernel knows a family that this library does not
   */
  public static NftFamily of(int number) {
    return Arrays.stream(values())
        .filter(family -> family.number == number)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("unknown nftables family " + number));
  }
}
