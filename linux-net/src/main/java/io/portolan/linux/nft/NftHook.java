package io.portolan.linux.nft;

import java.util.Arrays;

/** Where a base chain sees packets (NF_INET_* in {@code linux/netfilter.h}). */
public enum NftHook {
  PREROUTING(0),
  INPUT(1),
  FORWARD(2),
  OUTPUT(3),
  POSTROUTING(4);

  private final int number;

  NftHook(int number) {
    this.number = number;
  }

  public String text() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /** The kernel's number for the families inet, ip, ip6 and bridge. */
  public int number() {
    return number;
  }

  /**
   * @throws IllegalArgumentException if there is no such hook in those families
   */
  public static NftHook of(int number) {
    return Arrays.stream(values())
        .filter(hook -> hook.number == number)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("unknown netfilter hook " + number));
  }
}
