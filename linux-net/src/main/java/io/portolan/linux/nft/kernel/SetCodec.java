package io.portolan.linux.nft.kernel;

import io.portolan.linux.netlink.AttributeReader;
import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** NFT_MSG_NEWSET, both ways. */
final class SetCodec {
  private SetCodec() {}

  /**
   * @param id names the set within its batch; the kernel insists on one
   */
  static void write(AttributeWriter out, String table, NftSet set, int id) {
    out.string(Nfnl.SET_TABLE, table)
        .string(Nfnl.SET_NAME, set.name())
        .u32BigEndian(Nfnl.SET_FLAGS, flags(set))
        .u32BigEndian(Nfnl.SET_KEY_TYPE, typeNumber(set.key()))
        .u32BigEndian(Nfnl.SET_KEY_LEN, keyLength(set));
    set.data()
        .ifPresent(type -> {
          if (type == NftType.VERDICT) {
            out.u32BigEndian(Nfnl.SET_DATA_TYPE, Nfnl.DATA_TYPE_VERDICT)
                .u32BigEndian(Nfnl.SET_DATA_LEN, 0);
          } else {
            out.u32BigEndian(Nfnl.SET_DATA_TYPE, type.number())
                .u32BigEndian(Nfnl.SET_DATA_LEN, type.length());
          }
        });
    out.u32BigEndian(Nfnl.SET_ID, id);
    if (isRanged(set)) {
      out.nested(
          Nfnl.SET_DESC, desc -> desc.nested(Nfnl.SET_DESC_CONCAT, list -> fields(list, set)));
    }
    set.timeout().ifPresent(t -> out.u64BigEndian(Nfnl.SET_TIMEOUT, t.toMillis()));
    out.bytes(Nfnl.SET_USERDATA, userData(set));
    if (set.counters()) {
      out.nested(
          Nfnl.SET_EXPR, expr -> ExpressionWriter.write(expr, new NftExpression.Counter(0, 0)));
    }
  }

  /** Concatenations with ranges are the kernel's pipapo, which wants every field's length. */
  static boolean isRanged(NftSet set) {
    return set.isInterval() && set.isConcatenation();
  }

  static int keyLength(NftSet set) {
    return set.isConcatenation()
        ? set.key().stream().mapToInt(NftType::paddedLength).sum()
        : set.key().getFirst().length();
  }

  private static void fields(AttributeWriter list, NftSet set) {
    for (NftType type : set.key()) {
      list.nested(Nfnl.LIST_ELEM, field -> field.u32BigEndian(Nfnl.SET_FIELD_LEN, type.length()));
    }
  }

  private static int flags(NftSet set) {
    int flags = 0;
    for (NftSet.Flag flag : set.flags()) {
      flags |= number(flag);
    }
    return flags | (set.isMap() ? Nfnl.SET_F_MAP : 0) | (isRanged(set) ? Nfnl.SET_F_CONCAT : 0);
  }

  private static int number(NftSet.Flag flag) {
    return switch (flag) {
      case CONSTANT -> Nfnl.SET_F_CONSTANT;
      case INTERVAL -> Nfnl.SET_F_INTERVAL;
      case TIMEOUT -> Nfnl.SET_F_TIMEOUT;
    };
  }

  private static int typeNumber(List<NftType> key) {
    int number = 0;
    for (NftType type : key) {
      number = number << NftType.CONCAT_BITS | type.number();
    }
    return number;
  }

  private static byte[] userData(NftSet set) {
    UserData data =
        new UserData()
            .number(
                UserData.SET_KEY_BYTE_ORDER,
                set.isConcatenation()
                    ? UserData.ORDER_UNSPECIFIED
                    : byteOrder(set.key().getFirst()));
    set.data()
        .ifPresent(type ->
            data.number(
                    UserData.SET_DATA_BYTE_ORDER,
                    type == NftType.VERDICT ? UserData.ORDER_UNSPECIFIED : byteOrder(type))
                .number(UserData.SET_DATA_INTERVAL, 0));
    set.comment().ifPresent(text -> data.text(UserData.SET_COMMENT, text));
    return data.bytes();
  }

  private static int byteOrder(NftType type) {
    return type.networkOrder() ? UserData.ORDER_BIG_ENDIAN : UserData.ORDER_HOST;
  }

  /** What a NEWSET message says, with enough to filter it. */
  record ReadSet(String table, String name, Optional<NftSet> set) {}

  /** Reads a set; empty where it is of a kind this library does not write. */
  static ReadSet read(AttributeReader in) {
    String table = "";
    String name = "";
    int flags = 0;
    int keyType = 0;
    Optional<Integer> dataType = Optional.empty();
    Optional<Duration> timeout = Optional.empty();
    boolean counters = false;
    byte[] userData = new byte[0];
    while (in.next()) {
      switch (in.type()) {
        case Nfnl.SET_TABLE -> table = in.string();
        case Nfnl.SET_NAME -> name = in.string();
        case Nfnl.SET_FLAGS -> flags = in.u32BigEndian();
        case Nfnl.SET_KEY_TYPE -> keyType = in.u32BigEndian();
        case Nfnl.SET_DATA_TYPE -> dataType = Optional.of(in.u32BigEndian());
        case Nfnl.SET_TIMEOUT -> timeout = Optional.of(Duration.ofMillis(in.u64BigEndian()));
        case Nfnl.SET_EXPR ->
            counters = ExpressionReader.one(in.nested()) instanceof NftExpression.Counter;
        case Nfnl.SET_USERDATA -> userData = in.bytes();
        default -> {}
      }
    }
    List<NftType> key = types(keyType);
    Optional<NftType> data =
        dataType.flatMap(number ->
            number == Nfnl.DATA_TYPE_VERDICT ? Optional.of(NftType.VERDICT) : NftType.of(number));
    if (key.isEmpty()
        || data.isPresent() != dataType.isPresent()
        || (flags & Nfnl.SET_F_ANONYMOUS) != 0) {
      return new ReadSet(table, name, Optional.empty());
    }
    try {
      NftSet set =
          new NftSet(
              name,
              key,
              data,
              flags(flags),
              timeout,
              counters,
              UserData.text(userData, UserData.SET_COMMENT));
      return new ReadSet(table, name, Optional.of(set));
    } catch (IllegalArgumentException e) {
      // Somebody else's, with a name or a shape this library does not write.
      return new ReadSet(table, name, Optional.empty());
    }
  }

  private static Set<NftSet.Flag> flags(int bits) {
    Set<NftSet.Flag> flags = EnumSet.noneOf(NftSet.Flag.class);
    for (NftSet.Flag flag : NftSet.Flag.values()) {
      if ((bits & number(flag)) != 0) {
        flags.add(flag);
      }
    }
    return flags;
  }

  private static List<NftType> types(int number) {
    List<NftType> types = new ArrayList<>();
    for (int rest = number; rest != 0; rest >>>= NftType.CONCAT_BITS) {
      Optional<NftType> type = NftType.of(rest & ((1 << NftType.CONCAT_BITS) - 1));
      if (type.isEmpty()) {
        return List.of();
      }
      types.addFirst(type.get());
    }
    return types;
  }
}
