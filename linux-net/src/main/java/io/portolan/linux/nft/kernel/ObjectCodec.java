package io.portolan.linux.nft.kernel;

import io.portolan.linux.netlink.AttributeReader;
import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.nft.NftCount;
import io.portolan.linux.nft.NftCounter;
import io.portolan.linux.nft.NftListing.ListedCounter;
import java.util.Optional;

/** NFT_MSG_NEWOBJ for counters, both ways. */
final class ObjectCodec {
  private static final int COUNTER_BYTES = 1;
  private static final int COUNTER_PACKETS = 2;

  private ObjectCodec() {}

  static void write(AttributeWriter out, String table, NftCounter counter) {
    out.string(Nfnl.OBJ_TABLE, table)
        .string(Nfnl.OBJ_NAME, counter.name())
        .u32BigEndian(Nfnl.OBJ_TYPE, Nfnl.OBJ_COUNTER)
        .nested(
            Nfnl.OBJ_DATA,
            data -> data.u64BigEndian(COUNTER_BYTES, 0).u64BigEndian(COUNTER_PACKETS, 0));
    counter.comment().ifPresent(text -> out.bytes(Nfnl.OBJ_USERDATA, UserData.comment(text)));
  }

  /** What a NEWOBJ message says; {@code counter} is empty for other objects. */
  record ReadObject(String table, String name, Optional<ListedCounter> counter) {}

  static ReadObject read(AttributeReader in) {
    String table = "";
    String name = "";
    int type = 0;
    NftCount count = NftCount.ZERO;
    byte[] userData = new byte[0];
    while (in.next()) {
      switch (in.type()) {
        case Nfnl.OBJ_TABLE -> table = in.string();
        case Nfnl.OBJ_NAME -> name = in.string();
        case Nfnl.OBJ_TYPE -> type = in.u32BigEndian();
        case Nfnl.OBJ_DATA -> count = count(in.nested());
        case Nfnl.OBJ_USERDATA -> userData = in.bytes();
        default -> {}
      }
    }
    if (type != Nfnl.OBJ_COUNTER) {
      return new ReadObject(table, name, Optional.empty());
    }
    NftCounter counter = new NftCounter(name, UserData.text(userData, UserData.COMMENT));
    return new ReadObject(table, name, Optional.of(new ListedCounter(counter, count)));
  }

  private static NftCount count(AttributeReader in) {
    long packets = 0;
    long bytes = 0;
    while (in.next()) {
      switch (in.type()) {
        case COUNTER_PACKETS -> packets = in.u64BigEndian();
        case COUNTER_BYTES -> bytes = in.u64BigEndian();
        default -> {}
      }
    }
    return new NftCount(packets, bytes);
  }
}
