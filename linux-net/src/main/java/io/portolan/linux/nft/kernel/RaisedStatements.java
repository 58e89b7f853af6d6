package io.portolan.linux.nft.kernel;

import io.portolan.linux.nft.NftInterval;
import io.portolan.linux.nft.NftSelector;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** The parts of {@link RuleRaising} that look at no more than the expressions they are given. */
final class RaisedStatements {
  private RaisedStatements() {}

  static NftStatement masked(
      NftSelector selector, NftExpression.Bitwise bitwise, Octets data, boolean negated) {
    if (!bitwise.xor().isZero()) {
      throw new ForeignRule(bitwise);
    }
    NftValue mask = value(selector, bitwise.mask());
    NftValue value = value(selector, data);
    if (selector.type().isBitmask() && value.isZero()) {
      return new NftStatement.AnyBit(selector, mask, !negated);
    }
    if (selector.type() == NftType.IPV4_ADDR || selector.type() == NftType.IPV6_ADDR) {
      int length = Long.bitCount(mask.high()) + Long.bitCount(mask.low());
      if (mask.lastOf(0).firstOf(length).equals(mask)) {
        return new NftStatement.InPrefix(selector, value, length, negated);
      }
    }
    return new NftStatement.Compare(selector, Optional.of(mask), value, negated);
  }

  static NftStatement wholeMark(NftStatement.Mark target, List<NftExpression.Immediate> values) {
    NftValue value = value(target.selector(), values.getLast().value());
    return new NftStatement.SetMark(target, -1, (int) value.low());
  }

  static NftStatement setField(NftSelector field, List<NftExpression.Immediate> values) {
    return new NftStatement.SetField(field, value(field, values.getLast().value()));
  }

  static NftStatement nat(NftExpression.Nat e, List<NftExpression.Immediate> values) {
    NftType type = e.family() == PacketContext.NFPROTO_IPV4 ? NftType.IPV4_ADDR : NftType.IPV6_ADDR;
    NftValue min = immediate(e, values, e.addressMin(), type);
    // The kernel repeats the lower bound where there was no upper one.
    NftValue max =
        e.addressMax() == NftExpression.Nat.ABSENT || e.addressMax() == e.addressMin()
            ? min
            : immediate(e, values, e.addressMax(), type);
    if (e.type() == NftExpression.Nat.SOURCE) {
      if (e.protoMin() != NftExpression.Nat.ABSENT) {
        throw new ForeignRule(e);
      }
      return new NftStatement.SourceNat(NftInterval.of(min, max), ports(e, e.flags()));
    }
    OptionalInt port =
        e.protoMin() == NftExpression.Nat.ABSENT
            ? OptionalInt.empty()
            : OptionalInt.of((int) immediate(e, values, e.protoMin(), NftType.INET_SERVICE).low());
    if (!min.equals(max)) {
      throw new ForeignRule(e);
    }
    return new NftStatement.DestinationNat(min, port);
  }

  static NftValue immediate(
      NftExpression.Nat e, List<NftExpression.Immediate> values, int register, NftType type) {
    NftExpression.Immediate found =
        pick(e, values.stream().filter(value -> value.register() == register));
    return NftValue.read(type, found.value().array(), 0);
  }

  static NftStatement.NatPorts ports(NftExpression e, int flags) {
    // Bits 1 and 2 say that address and port are given, which the kernel derives itself.
    return pick(
        e,
        Arrays.stream(NftStatement.NatPorts.values())
            .filter(ports -> ports.flags() == (flags & ~3)));
  }

  static OptionalInt unlessZero(int number) {
    return number == 0 ? OptionalInt.empty() : OptionalInt.of(number);
  }

  static <T> T pick(NftExpression expression, Stream<T> candidates) {
    return candidates.findFirst().orElseThrow(() -> new ForeignRule(expression));
  }

  static NftValue value(NftSelector selector, Octets data) {
    if (data.length() != selector.type().length()) {
      throw new IllegalArgumentException("a value of another length than its field");
    }
    return NftValue.read(selector.type(), data.array(), 0);
  }
}
