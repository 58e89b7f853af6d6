package io.portolan.linux.nft;

import java.util.Locale;

/** Connection tracking states as {@code ct state} bits (NF_CT_STATE_BIT of the kernel). */
public enum CtState {
  INVALID(1),
  ESTABLISHED(2),
  RELATED(4),
  NEW(8),
  UNTRACKED(64);

  private final int bit;

  CtState(int bit) {
    this.bit = bit;
  }

  public int bit() {
    return bit;
  }

  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
