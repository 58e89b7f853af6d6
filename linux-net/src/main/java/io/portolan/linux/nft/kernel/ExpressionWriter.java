package io.portolan.linux.nft.kernel;

import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.nft.NftVerdict;
import java.util.List;
import java.util.function.Consumer;

/** Writes expressions as attributes (the {@code enum nft_*_attributes} of nf_tables.h). */
final class ExpressionWriter {
  private ExpressionWriter() {}

  /** A list of expressions as the attribute {@code type}. */
  static void list(AttributeWriter out, int type, List<NftExpression> expressions) {
    out.nested(
        type,
        list -> {
          for (NftExpression expression : expressions) {
            list.nested(Nfnl.LIST_ELEM, element -> write(element, expression));
          }
        });
  }

  /** Name and data of one expression. */
  static void write(AttributeWriter out, NftExpression expression) {
    switch (expression) {
      case NftExpression.Payload e ->
          body(
              out,
              "payload",
              b ->
                  b.u32BigEndian(1, e.register())
                      .u32BigEndian(2, e.base())
                      .u32BigEndian(3, e.offset())
                      .u32BigEndian(4, e.length()));
      case NftExpression.PayloadSet e ->
          body(
              out,
              "payload",
              b ->
                  b.u32BigEndian(2, e.base())
                      .u32BigEndian(3, e.offset())
                      .u32BigEndian(4, e.length())
                      .u32BigEndian(5, e.register()));
      case NftExpression.Meta e ->
          body(out, "meta", b -> b.u32BigEndian(2, e.key()).u32BigEndian(1, e.register()));
      case NftExpression.MetaSet e ->
          body(out, "meta", b -> b.u32BigEndian(2, e.key()).u32BigEndian(3, e.register()));
      case NftExpression.Ct e -> body(out, "ct", b -> ct(b, e));
      case NftExpression.CtSet e ->
          body(out, "ct", b -> b.u32BigEndian(2, e.key()).u32BigEndian(4, e.register()));
      case NftExpression.Fib e ->
          body(
              out,
              "fib",
              b ->
                  b.u32BigEndian(1, e.register())
                      .u32BigEndian(2, e.result())
                      .u32BigEndian(3, e.flags()));
      case NftExpression.Compare e ->
          body(
              out,
              "cmp",
              b -> {
                b.u32BigEndian(1, e.register()).u32BigEndian(2, e.operator());
                value(b, 3, e.data());
              });
      case NftExpression.Range e ->
          body(
              out,
              "range",
              b -> {
                b.u32BigEndian(1, e.register()).u32BigEndian(2, e.operator());
                value(b, 3, e.from());
                value(b, 4, e.to());
              });
      case NftExpression.Bitwise e -> body(out, "bitwise", b -> bitwise(b, e));
      case NftExpression.Lookup e -> body(out, "lookup", b -> lookup(b, e));
      case NftExpression.Immediate e ->
          body(
              out,
              "immediate",
              b -> {
                b.u32BigEndian(1, e.register());
                value(b, 2, e.value());
              });
      case NftExpression.ImmediateVerdict e ->
          body(
              out,
              "immediate",
              b ->
                  b.u32BigEndian(1, NftExpression.REG_VERDICT)
                      .nested(2, data -> verdict(data, e.verdict())));
      case NftExpression.Counter e ->
          body(out, "counter", b -> b.u64BigEndian(1, e.bytes()).u64BigEndian(2, e.packets()));
      case NftExpression.ObjectReference e ->
          body(out, "objref", b -> b.u32BigEndian(1, e.type()).string(2, e.name()));
      case NftExpression.Log e -> body(out, "log", b -> log(b, e));
      case NftExpression.Limit e ->
          body(
              out,
              "limit",
              b ->
                  b.u64BigEndian(1, e.rate())
                      .u64BigEndian(2, e.unitSeconds())
                      .u32BigEndian(3, e.burst())
                      .u32BigEndian(4, 0)
                      .u32BigEndian(5, e.flags()));
      case NftExpression.Reject e ->
          body(out, "reject", b -> b.u32BigEndian(1, e.type()).u8(2, e.code()));
      case NftExpression.Queue e -> QueueForm.write(out, e);
      case NftExpression.Notrack _ -> out.string(Nfnl.EXPR_NAME, "notrack");
      case NftExpression.Nat e -> body(out, "nat", b -> nat(b, e));
      case NftExpression.Masquerade e ->
          body(
              out,
              "masq",
              b -> {
                if (e.flags() != 0) {
                  b.u32BigEndian(1, e.flags());
                }
              });
      case NftExpression.Unknown _, NftExpression.ByteOrderChange _ ->
          throw new IllegalArgumentException(expression + " cannot be programmed");
    }
  }

  /** The attribute {@code type} holding a value. */
  static void value(AttributeWriter out, int type, Octets value) {
    int start = out.openNested(type);
    out.bytes(Nfnl.DATA_VALUE, value.array());
    out.closeNested(start);
  }

  /** NFTA_DATA_VERDICT. */
  static void verdict(AttributeWriter out, NftVerdict verdict) {
    out.nested(
        Nfnl.DATA_VERDICT,
        b -> {
          b.u32BigEndian(Nfnl.VERDICT_CODE, Verdicts.code(verdict));
          Verdicts.target(verdict).ifPresent(chain -> b.string(Nfnl.VERDICT_CHAIN, chain));
        });
  }

  static void body(AttributeWriter out, String name, Consumer<AttributeWriter> data) {
    out.string(Nfnl.EXPR_NAME, name).nested(Nfnl.EXPR_DATA, data);
  }

  private static void ct(AttributeWriter out, NftExpression.Ct e) {
    out.u32BigEndian(2, e.key()).u32BigEndian(1, e.register());
    if (e.direction() >= 0) {
      out.u8(3, e.direction());
    }
  }

  private static void bitwise(AttributeWriter out, NftExpression.Bitwise e) {
    out.u32BigEndian(1, e.source())
        .u32BigEndian(2, e.destination())
        .u32BigEndian(3, e.mask().length());
    value(out, 4, e.mask());
    value(out, 5, e.xor());
  }

  private static void lookup(AttributeWriter out, NftExpression.Lookup e) {
    out.string(1, e.set()).u32BigEndian(2, e.source());
    if (e.destination() != NftExpression.Lookup.NONE) {
      out.u32BigEndian(3, e.destination());
    }
    if (e.inverted()) {
      out.u32BigEndian(5, 1);
    }
  }

  private static void log(AttributeWriter out, NftExpression.Log e) {
    out.u16BigEndian(1, e.group());
    if (!e.prefix().isEmpty()) {
      out.string(2, e.prefix());
    }
    if (e.snapLength() != 0) {
      out.u32BigEndian(3, e.snapLength());
    }
    if (e.queueThreshold() != 0) {
      out.u16BigEndian(4, e.queueThreshold());
    }
  }

  private static void nat(AttributeWriter out, NftExpression.Nat e) {
    out.u32BigEndian(1, e.type()).u32BigEndian(2, e.family()).u32BigEndian(3, e.addressMin());
    if (e.addressMax() != NftExpression.Nat.ABSENT) {
      out.u32BigEndian(4, e.addressMax());
    }
    if (e.protoMin() != NftExpression.Nat.ABSENT) {
      out.u32BigEndian(5, e.protoMin());
    }
    if (e.flags() != 0) {
      out.u32BigEndian(7, e.flags());
    }
  }
}
