package io.portolan.linux.route;

import io.portolan.linux.netlink.AttributeReader;
import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.netlink.NetlinkMessage;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Rules as messages (linux/fib_rules.h).
 *
 * <pre>
 *  struct fib_rule_hdr: | u8 family | u8 dst length | u8 src length | u8 tos | u8 table | u8 | u8 | u8 action | u32 flags |
 * </pre>
 */
final class RuleCodec {
  static final int HEADER_BYTES = 12;
  private static final int DST = 1;
  private static final int SRC = 2;
  private static final int IIFNAME = 3;
  private static final int PRIORITY = 6;
  private static final int FWMARK = 10;
  private static final int TABLE = 15;
  private static final int FWMASK = 16;
  private static final int OIFNAME = 17;
  private static final int PROTOCOL = 21;
  private static final int FLAG_INVERT = 2;

  private RuleCodec() {}

  static void write(AttributeWriter w, Rule rule) {
    w.byteField(rule.family().number())
        .byteField(rule.to().map(IpPrefix::length).orElse(0))
        .byteField(rule.from().map(IpPrefix::length).orElse(0))
        .byteField(0)
        .byteField(0) // RT_TABLE_UNSPEC: the table is in FRA_TABLE whatever its number
        .byteField(0)
        .byteField(0)
        .byteField(rule.action().number())
        .intField(rule.inverted() ? FLAG_INVERT : 0);
    w.u32(PRIORITY, rule.priority());
    if (rule.table() != 0) {
      w.u32(TABLE, rule.table());
    }
    rule.from().ifPresent(p -> w.bytes(SRC, p.address().getAddress()));
    rule.to().ifPresent(p -> w.bytes(DST, p.address().getAddress()));
    rule.mark().ifPresent(m -> w.u32(FWMARK, m.value()).u32(FWMASK, m.mask()));
    rule.inputLink().ifPresent(l -> w.string(IIFNAME, l));
    rule.outputLink().ifPresent(l -> w.string(OIFNAME, l));
    if (rule.protocol() != 0) {
      w.u8(PROTOCOL, rule.protocol());
    }
  }

  static void writeList(AttributeWriter w, AddressFamily family) {
    w.byteField(family.number()).byteField(0).shortField(0).intField(0).intField(0);
  }

  static void read(NetlinkMessage message, Consumer<Rule> found) {
    int family = message.u8(0);
    if (family != AddressFamily.INET.number() && family != AddressFamily.INET6.number()) {
      return;
    }
    int priority = 0;
    int table = message.u8(4);
    Optional<IpPrefix> from = Optional.empty();
    Optional<IpPrefix> to = Optional.empty();
    int mark = 0;
    int mask = 0;
    Optional<String> inputLink = Optional.empty();
    Optional<String> outputLink = Optional.empty();
    int protocol = 0;
    AttributeReader attributes = message.attributes(HEADER_BYTES);
    while (attributes.next()) {
      switch (attributes.type()) {
        case SRC -> from = Optional.of(InetBytes.readPrefix(attributes, message.u8(2)).network());
        case DST -> to = Optional.of(InetBytes.readPrefix(attributes, message.u8(1)).network());
        case IIFNAME -> inputLink = Optional.of(attributes.string());
        case OIFNAME -> outputLink = Optional.of(attributes.string());
        case PRIORITY -> priority = attributes.u32();
        case FWMARK -> mark = attributes.u32();
        case FWMASK -> mask = attributes.u32();
        case TABLE -> table = attributes.u32();
        case PROTOCOL -> protocol = attributes.u8();
        default -> {}
      }
    }
    found.accept(
        new Rule(
            inet(family),
            priority,
            RuleAction.of(message.u8(7)),
            table,
            from,
            to,
            mask == 0 ? Optional.empty() : Optional.of(new Mark(mark & mask, mask)),
            inputLink,
            outputLink,
            protocol,
            (message.u32(8) & FLAG_INVERT) != 0));
  }

  private static AddressFamily inet(int number) {
    return number == AddressFamily.INET.number() ? AddressFamily.INET : AddressFamily.INET6;
  }
}
