package io.portolan.linux.nft.kernel;

import io.portolan.linux.nft.CtField;
import io.portolan.linux.nft.FibField;
import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.NftInterval;
import io.portolan.linux.nft.NftKeyPart;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSelector;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.PayloadField;
import io.portolan.linux.nft.kernel.NftExpression.Compare;
import io.portolan.linux.nft.kernel.NftExpression.Lookup;
import io.portolan.linux.nft.kernel.NftExpression.Nat;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Turns a rule's statements into kernel expressions, the same ones nft writes.
 *
 * <p>A field whose protocol the rule has not established gets the check in front, as in
 *
 * <pre>
 *   ip saddr . meta l4proto . th dport @s     (inet table)
 *
 *   meta load nfproto => reg 1                 ┐ inserted
 *   cmp eq reg 1 2                             ┘
 *   payload load 4b @ network header + 12 => reg 1
 *   meta load l4proto => reg 9                 4 bytes further
 *   payload load 2b @ transport header + 2 => reg 10
 *   lookup reg 1 set s
 * </pre>
 *
 * <p>nft also writes a byte order conversion of one byte behind {@code meta l4proto} in a
 * concatenation, which converts nothing; it is left out, and nft lists the rule all the same.
 */
final class RuleLowering {
  private final PacketContext context;
  private final List<NftExpression> out = new ArrayList<>();

  private RuleLowering(NftFamily family) {
    this.context = new PacketContext(family);
  }

  static List<NftExpression> lower(NftFamily family, NftRule rule) {
    RuleLowering lowering = new RuleLowering(family);
    rule.statements().forEach(lowering::statement);
    return List.copyOf(lowering.out);
  }

  private void statement(NftStatement statement) {
    switch (statement) {
      case NftStatement.Compare s -> compare(s);
      case NftStatement.InPrefix s -> {
        load(s.selector());
        mask(s.network().firstOf(0).lastOf(0), s.prefixLength());
        out.add(new Compare(NftExpression.REG_1, equality(s.negated()), octets(s.network())));
      }
      case NftStatement.InRange s -> range(s);
      case NftStatement.NameStartsWith s -> {
        load(s.selector());
        // Comparing fewer bytes than the name has is how the kernel knows prefixes.
        Octets prefix = Octets.of(s.prefix().getBytes(StandardCharsets.UTF_8));
        out.add(new Compare(NftExpression.REG_1, equality(s.negated()), prefix));
      }
      case NftStatement.AnyBit s -> {
        load(s.selector());
        bitwise(octets(s.bits()), zero(s.bits().type()));
        out.add(new Compare(NftExpression.REG_1, equality(!s.negated()), zero(s.bits().type())));
      }
      case NftStatement.Lookup s -> {
        key(s.key());
        out.add(new Lookup(s.set(), NftExpression.REG_1, Lookup.NONE, s.negated()));
      }
      case NftStatement.VerdictMap s -> {
        key(s.key());
        out.add(new Lookup(s.map(), NftExpression.REG_1, NftExpression.REG_VERDICT, false));
      }
      case NftStatement.Verdict s -> out.add(new NftExpression.ImmediateVerdict(s.verdict()));
      case NftStatement.Counter s -> out.add(new NftExpression.Counter(s.packets(), s.bytes()));
      case NftStatement.CountInto s ->
          out.add(
              new NftExpression.ObjectReference(
                  NftExpression.ObjectReference.COUNTER, s.counter()));
      case NftStatement.Log s ->
          out.add(
              new NftExpression.Log(
                  s.group(), s.prefix(), s.snapLength().orElse(0), s.queueThreshold().orElse(0)));
      case NftStatement.Limit s ->
          out.add(
              new NftExpression.Limit(
                  s.rate(),
                  s.unit().seconds(),
                  s.burst(),
                  s.over() ? NftExpression.Limit.OVER : 0));
      case NftStatement.Reject s ->
          out.add(new NftExpression.Reject(s.with().type(), s.with().code()));
      case NftStatement.Queue s -> out.add(new NftExpression.Queue(s.number(), s.bypass(), false));
      case NftStatement.Notrack _ -> out.add(new NftExpression.Notrack());
      case NftStatement.SetField s -> setField(s);
      case NftStatement.SetMark s -> setMark(s);
      case NftStatement.CopyMark s -> {
        load(s.source().selector());
        out.add(store(s.target()));
      }
      case NftStatement.SetMarkFromMap s -> {
        key(s.key());
        out.add(new Lookup(s.map(), NftExpression.REG_1, NftExpression.REG_1, false));
        out.add(store(s.target()));
      }
      case NftStatement.SourceNat s -> nat(Nat.SOURCE, s.to(), OptionalInt.empty(), s.ports());
      case NftStatement.DestinationNat s ->
          nat(Nat.DESTINATION, s.to(), s.port(), NftStatement.NatPorts.KEEP);
      case NftStatement.Masquerade s -> out.add(new NftExpression.Masquerade(s.ports().flags()));
      case NftStatement.Foreign s ->
          throw new IllegalArgumentException(
              "a rule read from somebody else cannot be programmed: " + s.text());
    }
  }

  private void compare(NftStatement.Compare s) {
    load(s.selector());
    s.mask().ifPresent(mask -> bitwise(octets(mask), zero(mask.type())));
    out.add(new Compare(NftExpression.REG_1, equality(s.negated()), octets(s.value())));
    if (!s.negated() && s.mask().isEmpty()) {
      established(context, s.selector(), s.value());
    }
  }

  /** What a successful comparison tells about the packet. */
  static void established(PacketContext context, NftSelector selector, NftValue value) {
    if (selector == MetaField.L4PROTO
        || selector == PayloadField.IP_PROTOCOL
        || selector == PayloadField.IP6_NEXTHDR) {
      context.establishTransport((int) value.low());
    }
    for (PacketContext.Layer3 layer3 : PacketContext.Layer3.values()) {
      if ((selector == MetaField.NFPROTO && value.low() == layer3.nfproto)
          || (selector == MetaField.PROTOCOL && value.low() == layer3.etherType)) {
        context.establish(layer3);
      }
    }
  }

  private void range(NftStatement.InRange s) {
    load(s.selector());
    NftInterval range = s.range();
    if (s.negated()) {
      out.add(
          new NftExpression.Range(
              NftExpression.REG_1,
              NftExpression.Range.NEQ,
              octets(range.from()),
              octets(range.to())));
    } else {
      out.add(new Compare(NftExpression.REG_1, Compare.GTE, octets(range.from())));
      out.add(new Compare(NftExpression.REG_1, Compare.LTE, octets(range.to())));
    }
  }

  private void setField(NftStatement.SetField s) {
    require(s.field());
    out.add(new NftExpression.Immediate(NftExpression.REG_1, octets(s.value())));
    out.add(
        switch (s.field()) {
          case PayloadField f ->
              new NftExpression.PayloadSet(
                  f.header().number(), f.offset(), f.type().length(), NftExpression.REG_1);
          case MetaField f -> new NftExpression.MetaSet(f.number(), NftExpression.REG_1);
          case CtField _, FibField _ -> throw new IllegalArgumentException(s.toString());
        });
  }

  private void setMark(NftStatement.SetMark s) {
    if (s.mask() == -1) {
      out.add(new NftExpression.Immediate(NftExpression.REG_1, octets(NftValue.mark(s.value()))));
    } else {
      load(s.target().selector());
      bitwise(octets(NftValue.mark(~s.mask())), octets(NftValue.mark(s.value())));
    }
    out.add(store(s.target()));
  }

  private static NftExpression store(NftStatement.Mark target) {
    return switch (target) {
      case META -> new NftExpression.MetaSet(MetaField.MARK.number(), NftExpression.REG_1);
      case CT -> new NftExpression.CtSet(CtField.MARK.number(), NftExpression.REG_1);
    };
  }

  private void nat(int type, NftKeyPart to, OptionalInt port, NftStatement.NatPorts ports) {
    boolean ipv4 = to.type() == NftType.IPV4_ADDR;
    int next = NftExpression.REG_1;
    int min = next++;
    out.add(new NftExpression.Immediate(min, octets(to.from())));
    int max = Nat.ABSENT;
    if (to instanceof NftInterval range) {
      max = next++;
      out.add(new NftExpression.Immediate(max, octets(range.to())));
    }
    int proto = Nat.ABSENT;
    if (port.isPresent()) {
      proto = next;
      out.add(new NftExpression.Immediate(proto, octets(NftValue.port(port.getAsInt()))));
    }
    int family = ipv4 ? PacketContext.NFPROTO_IPV4 : PacketContext.NFPROTO_IPV6;
    out.add(new Nat(type, family, min, max, proto, ports.flags()));
  }

  /** Loads a lookup key into consecutive registers; the checks come before the first of them. */
  private void key(List<NftSelector> key) {
    key.forEach(this::require);
    int offset = 0;
    for (NftSelector selector : key) {
      out.add(loadInto(NftExpression.register(offset), selector));
      offset += selector.type().paddedLength();
    }
  }

  private void load(NftSelector selector) {
    require(selector);
    out.add(loadInto(NftExpression.REG_1, selector));
  }

  static NftExpression loadInto(int register, NftSelector selector) {
    return switch (selector) {
      case PayloadField f ->
          new NftExpression.Payload(register, f.header().number(), f.offset(), f.type().length());
      case MetaField f -> new NftExpression.Meta(register, f.number());
      case CtField f -> new NftExpression.Ct(register, f.number(), f.direction().orElse(-1));
      case FibField f -> new NftExpression.Fib(register, f.result(), f.flags());
    };
  }

  private void require(NftSelector selector) {
    if (!(selector instanceof PayloadField field)) {
      return;
    }
    if (context.needsEthernet(field.protocol())) {
      check(NftChecks.IIFTYPE, NftChecks.ETHERNET);
      context.establishEthernet();
    }
    context
        .needsNetwork(field.protocol())
        .ifPresent(layer3 -> {
          if (context.byEtherType()) {
            check(
                MetaField.PROTOCOL.number(),
                octets(NftValue.number(NftType.ETHER_TYPE, layer3.etherType)));
          } else {
            check(
                MetaField.NFPROTO.number(),
                octets(NftValue.number(NftType.NFPROTO, layer3.nfproto)));
          }
          context.establish(layer3);
        });
    int transport = context.needsTransport(field.protocol());
    if (transport >= 0) {
      check(MetaField.L4PROTO.number(), octets(NftValue.protocol(transport)));
      context.establishTransport(transport);
    }
  }

  private void check(int metaKey, Octets value) {
    out.add(new NftExpression.Meta(NftExpression.REG_1, metaKey));
    out.add(new Compare(NftExpression.REG_1, Compare.EQ, value));
  }

  private void mask(NftValue allOnes, int prefixLength) {
    NftValue mask = allOnes.firstOf(prefixLength);
    bitwise(octets(mask), zero(mask.type()));
  }

  private void bitwise(Octets mask, Octets xor) {
    out.add(new NftExpression.Bitwise(NftExpression.REG_1, NftExpression.REG_1, mask, xor));
  }

  private static int equality(boolean negated) {
    return negated ? Compare.NEQ : Compare.EQ;
  }

  private static Octets octets(NftValue value) {
    return Octets.of(value.bytes());
  }

  private static Octets zero(NftType type) {
    return Octets.of(ByteBuffer.allocate(type.length()).array());
  }
}
