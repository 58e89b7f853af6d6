package io.portolan.linux.nft.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The check that a packet came over Ethernet: {@code meta iiftype ether}. */
final class NftChecks {
  /** NFT_META_IIFTYPE. */
  static final int IIFTYPE = 8;

  /** ARPHRD_ETHER of linux/if_arp.h, a u16 in host order. */
  static final Octets ETHERNET =
      Octets.of(
          ByteBuffer.allocate(Short.BYTES)
              .order(ByteOrder.nativeOrder())
              .putShort((short) 1)
              .array());

  private NftChecks() {}
}
