package io.portolan.linux.nft.kernel;

import io.portolan.linux.netlink.AttributeReader;
import io.portolan.linux.nft.NftVerdict;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads expressions; what it does not know becomes {@link NftExpression.Unknown}. */
final class ExpressionReader {
  private ExpressionReader() {}

  /** The inside of NFTA_RULE_EXPRESSIONS. */
  static List<NftExpression> list(AttributeReader in) {
    List<NftExpression> expressions = new ArrayList<>();
    while (in.next()) {
      if (in.type() == Nfnl.LIST_ELEM) {
        expressions.add(one(in.nested()));
      }
    }
    return expressions;
  }

  /** The inside of one NFTA_LIST_ELEM, or of NFTA_SET_ELEM_EXPR. */
  static NftExpression one(AttributeReader in) {
    String name = "";
    Fields fields = new Fields();
    while (in.next()) {
      switch (in.type()) {
        case Nfnl.EXPR_NAME -> name = in.string();
        case Nfnl.EXPR_DATA -> fields = Fields.of(in.nested());
        default -> {}
      }
    }
    return decode(name, fields);
  }

  private static NftExpression decode(String name, Fields f) {
    NftExpression unknown = new NftExpression.Unknown(name);
    return switch (name) {
      case "payload" ->
          f.has(1)
              ? new NftExpression.Payload(f.u32(1), f.u32(2), f.u32(3), f.u32(4))
              // Attribute 6: which checksum is to follow the change.
              : f.u32(6) == 0
                  ? new NftExpression.PayloadSet(f.u32(2), f.u32(3), f.u32(4), f.u32(5))
                  : unknown;
      case "meta" ->
          f.has(1)
              ? new NftExpression.Meta(f.u32(1), f.u32(2))
              : new NftExpression.MetaSet(f.u32(2), f.u32(3));
      case "ct" ->
          f.has(1)
              ? new NftExpression.Ct(f.u32(1), f.u32(2), f.has(3) ? f.u8(3) : -1)
              : new NftExpression.CtSet(f.u32(2), f.u32(4));
      case "fib" -> new NftExpression.Fib(f.u32(1), f.u32(2), f.u32(3));
      case "cmp" -> new NftExpression.Compare(f.u32(1), f.u32(2), f.value(3));
      case "range" -> new NftExpression.Range(f.u32(1), f.u32(2), f.value(3), f.value(4));
      case "bitwise" ->
          // Other operations are shifts.
          f.u32(6) == 0
              ? new NftExpression.Bitwise(f.u32(1), f.u32(2), f.value(4), f.value(5))
              : unknown;
      case "byteorder" -> new NftExpression.ByteOrderChange(f.u32(1), f.u32(2), f.u32(4));
      case "lookup" ->
          new NftExpression.Lookup(
              f.string(1),
              f.u32(2),
              f.has(3) ? f.u32(3) : NftExpression.Lookup.NONE,
              (f.u32(5) & 1) != 0);
      case "immediate" -> immediate(f);
      case "counter" -> new NftExpression.Counter(f.u64(2), f.u64(1));
      case "objref" ->
          f.has(2) ? new NftExpression.ObjectReference(f.u32(1), f.string(2)) : unknown;
      case "log" ->
          f.has(1)
              ? new NftExpression.Log(f.u16(1), f.has(2) ? f.string(2) : "", f.u32(3), f.u16(4))
              : unknown;
      case "limit" ->
          f.u32(4) == 0 ? new NftExpression.Limit(f.u64(1), f.u64(2), f.u32(3), f.u32(5)) : unknown;
      case "reject" -> new NftExpression.Reject(f.u32(1), f.u8(2));
      case "queue" -> QueueForm.readNative(f).orElse(unknown);
      case "target" -> QueueForm.readTarget(f).orElse(unknown);
      case "notrack" -> new NftExpression.Notrack();
      case "nat" ->
          new NftExpression.Nat(
              f.u32(1), f.u32(2), f.register(3), f.register(4), f.register(5), f.u32(7));
      case "masq" -> f.has(2) ? unknown : new NftExpression.Masquerade(f.u32(1));
      default -> unknown;
    };
  }

  private static NftExpression immediate(Fields f) {
    if (f.u32(1) != NftExpression.REG_VERDICT) {
      return new NftExpression.Immediate(f.u32(1), f.value(2));
    }
    return f.verdict(2)
        .<NftExpression>map(NftExpression.ImmediateVerdict::new)
        .orElse(new NftExpression.Unknown("immediate"));
  }

  /** The attributes of one expression, by number. All are short. */
  static final class Fields {
    private final Map<Integer, byte[]> byType = new HashMap<>();

    static Fields of(AttributeReader in) {
      Fields fields = new Fields();
      while (in.next()) {
        fields.byType.put(in.type(), in.bytes());
      }
      return fields;
    }

    boolean has(int type) {
      return byType.containsKey(type);
    }

    int u8(int type) {
      return (int) number(type, 1);
    }

    int u16(int type) {
      return (int) number(type, Short.BYTES);
    }

    int u32(int type) {
      return (int) number(type, Integer.BYTES);
    }

    long u64(int type) {
      return number(type, Long.BYTES);
    }

    /** Big endian; an absent attribute is zero, which is each one's default. */
    private long number(int type, int bytes) {
      byte[] raw = raw(type);
      long number = 0;
      for (int i = 0; i < Math.min(bytes, raw.length); i++) {
        number = number << 8 | (raw[i] & 0xff);
      }
      return number;
    }

    int register(int type) {
      return has(type) ? u32(type) : NftExpression.Nat.ABSENT;
    }

    String string(int type) {
      byte[] raw = raw(type);
      int length = 0;
      while (length < raw.length && raw[length] != 0) {
        length++;
      }
      return new String(raw, 0, length, StandardCharsets.UTF_8);
    }

    Octets value(int type) {
      AttributeReader in = data(type);
      while (in.next()) {
        if (in.type() == Nfnl.DATA_VALUE) {
          return Octets.of(in.bytes());
        }
      }
      return Octets.of(new byte[0]);
    }

    Optional<NftVerdict> verdict(int type) {
      AttributeReader in = data(type);
      while (in.next()) {
        if (in.type() == Nfnl.DATA_VERDICT) {
          return Verdicts.read(in.nested());
        }
      }
      return Optional.empty();
    }

    private AttributeReader data(int type) {
      return new AttributeReader(ByteBuffer.wrap(raw(type)));
    }

    byte[] raw(int type) {
      return byType.getOrDefault(type, new byte[0]);
    }
  }
}
