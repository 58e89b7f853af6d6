package io.portolan.linux.nft;

import static io.portolan.linux.nft.NftStatement.accept;
import static io.portolan.linux.nft.NftStatement.counter;
import static io.portolan.linux.nft.NftStatement.ctState;
import static io.portolan.linux.nft.NftStatement.drop;
import static io.portolan.linux.nft.NftStatement.equal;
import static io.portolan.linux.nft.NftStatement.jump;
import static io.portolan.linux.nft.NftStatement.lookup;
import static io.portolan.linux.nft.NftStatement.masked;
import static io.portolan.linux.nft.NftStatement.notEqual;
import static io.portolan.linux.nft.NftStatement.notIn;
import static io.portolan.linux.nft.NftStatement.verdictMap;

import io.portolan.linux.nft.NftStatement.AnyBit;
import io.portolan.linux.nft.NftStatement.CopyMark;
import io.portolan.linux.nft.NftStatement.CountInto;
import io.portolan.linux.nft.NftStatement.DestinationNat;
import io.portolan.linux.nft.NftStatement.InPrefix;
import io.portolan.linux.nft.NftStatement.InRange;
import io.portolan.linux.nft.NftStatement.Limit;
import io.portolan.linux.nft.NftStatement.Log;
import io.portolan.linux.nft.NftStatement.Mark;
import io.portolan.linux.nft.NftStatement.Masquerade;
import io.portolan.linux.nft.NftStatement.NameStartsWith;
import io.portolan.linux.nft.NftStatement.NatPorts;
import io.portolan.linux.nft.NftStatement.Notrack;
import io.portolan.linux.nft.NftStatement.Reject;
import io.portolan.linux.nft.NftStatement.SetField;
import io.portolan.linux.nft.NftStatement.SetMark;
import io.portolan.linux.nft.NftStatement.SetMarkFromMap;
import io.portolan.linux.nft.NftStatement.SourceNat;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/** One of everything. */
public final class Samples {
  public static final NftTable TABLE =
      NftTable.of(NftFamily.INET, "portolan").comment("pod policy");

  public static final NftSet PEERS = NftSet.of("peers", NftType.IPV4_ADDR).comment("app=web");
  public static final NftSet PEERS6 = NftSet.of("peers6", NftType.IPV6_ADDR);
  public static final NftSet BLOCKS = NftSet.of("blocks", NftType.IPV4_ADDR).interval();
  public static final NftSet BLOCKS6 =
      NftSet.of("blocks6", NftType.IPV6_ADDR).interval().comment("v6");
  public static final NftSet PORTS =
      NftSet.of("ports", NftType.IPV4_ADDR, NftType.INET_PROTO, NftType.INET_SERVICE).interval();
  public static final NftSet EXACT =
      NftSet.of("exact", NftType.IPV4_ADDR, NftType.INET_PROTO, NftType.INET_SERVICE);
  public static final NftSet PORTS6 =
      NftSet.of("ports6", NftType.IPV6_ADDR, NftType.INET_PROTO, NftType.INET_SERVICE).interval();
  public static final NftSet PINGS =
      NftSet.of("pings", NftType.IPV4_ADDR, NftType.ICMP_TYPE, NftType.ICMP_CODE);
  public static final NftSet PINGS6 =
      NftSet.of("pings6", NftType.IPV6_ADDR, NftType.ICMPV6_TYPE, NftType.ICMPV6_CODE).interval();
  public static final NftSet ICMP_TYPES = NftSet.of("icmp-types", NftType.ICMP_TYPE).interval();
  public static final NftSet ND = NftSet.verdictMap("nd", NftType.ICMPV6_TYPE);
  public static final NftSet LINKS = NftSet.of("links", NftType.IFNAME, NftType.MARK);
  public static final NftSet MACS = NftSet.of("macs", NftType.IFNAME, NftType.ETHER_ADDR);
  public static final NftSet SEEN =
      NftSet.of("seen", NftType.IPV4_ADDR).timeout(Duration.ofMinutes(90)).counting();
  public static final NftSet PODS = NftSet.verdictMap("pods", NftType.IPV4_ADDR);
  public static final NftSet PODS6 = NftSet.verdictMap("pods6", NftType.IPV6_ADDR);
  public static final NftSet IFS = NftSet.verdictMap("ifs", NftType.IFNAME);
  public static final NftSet DISPATCH =
      NftSet.verdictMap("dispatch", NftType.INET_PROTO, NftType.INET_SERVICE).interval();
  public static final NftSet CLASSES = NftSet.map("classes", NftType.MARK, NftType.IPV4_ADDR);
  public static final NftSet NATS =
      NftSet.map("nats", NftType.IPV4_ADDR, NftType.IPV4_ADDR).interval();

  private Samples() {}

  public static NftValue ip(String text) {
    return NftValue.address(text);
  }

  public static NftKeyPart cidr(String text) {
    String[] parts = text.split("/");
    return NftInterval.prefix(ip(parts[0]), Integer.parseInt(parts[1]));
  }

  public static NftKeyPart ports(int from, int to) {
    return NftInterval.of(NftValue.port(from), NftValue.port(to));
  }

  /** For bridge tables: hands a frame to the host whose bridge has this address. */
  public static NftStatement[] toHost(long mac) {
    return new NftStatement[] {
      new SetField(PayloadField.ETHER_DADDR, NftValue.ether(mac)),
      new SetField(MetaField.PKTTYPE, NftValue.number(NftType.PKT_TYPE, 0)),
      counter(),
      accept()
    };
  }

  public static List<NftStatement> filterStatements() {
    return List.of(
        ctState(CtState.ESTABLISHED, CtState.RELATED),
        ctState(CtState.INVALID),
        new AnyBit(CtField.STATUS, NftValue.number(NftType.CT_STATUS, 0x20), false),
        equal(PayloadField.IP_SADDR, ip("10.0.0.1")),
        notEqual(PayloadField.IP_DADDR, ip("10.0.0.1")),
        equal(PayloadField.IP6_SADDR, ip("fd00::1")),
        equal(PayloadField.IP6_HOPLIMIT, NftValue.number(NftType.INTEGER, 255)),
        new InPrefix(PayloadField.IP_SADDR, ip("10.1.2.0"), 23, false),
        new InPrefix(PayloadField.IP_DADDR, ip("10.1.2.0"), 24, true),
        new InPrefix(PayloadField.IP6_DADDR, ip("fd00::"), 8, false),
        new InPrefix(PayloadField.IP6_SADDR, ip("fd00:1:2::"), 45, false),
        equal(PayloadField.TCP_DPORT, NftValue.port(80)),
        new InRange(
            PayloadField.TCP_DPORT, new NftInterval(NftValue.port(80), NftValue.port(90)), false),
        new InRange(
            PayloadField.UDP_SPORT, new NftInterval(NftValue.port(80), NftValue.port(90)), true),
        equal(PayloadField.SCTP_DPORT, NftValue.port(3868)),
        equal(PayloadField.ICMP_TYPE, NftValue.number(NftType.ICMP_TYPE, 8)),
        equal(PayloadField.ICMP_CODE, NftValue.number(NftType.ICMP_CODE, 4)),
        notEqual(PayloadField.ICMP_CODE, NftValue.number(NftType.ICMP_CODE, 77)),
        equal(PayloadField.ICMPV6_TYPE, NftValue.number(NftType.ICMPV6_TYPE, 135)),
        equal(PayloadField.ICMPV6_CODE, NftValue.number(NftType.ICMPV6_CODE, 4)),
        new InRange(
            PayloadField.ICMPV6_TYPE,
            new NftInterval(
                NftValue.number(NftType.ICMPV6_TYPE, 133),
                NftValue.number(NftType.ICMPV6_TYPE, 137)),
            false),
        equal(MetaField.L4PROTO, NftValue.protocol(132)),
        equal(MetaField.NFPROTO, NftValue.number(NftType.NFPROTO, 10)),
        equal(MetaField.IIFNAME, NftValue.ifname("eth0")),
        notEqual(MetaField.OIFNAME, NftValue.ifname("lo")),
        new NameStartsWith(MetaField.IIFNAME, "cali", false),
        new NameStartsWith(MetaField.OIFNAME, "eni", true),
        equal(MetaField.PKTTYPE, NftValue.number(NftType.PKT_TYPE, 1)),
        equal(MetaField.MARK, NftValue.mark(0x12)),
        masked(MetaField.MARK, NftValue.mark(0xff00), NftValue.mark(0x1200)),
        masked(CtField.MARK, NftValue.mark(0xff), NftValue.mark(0)),
        equal(CtField.DIRECTION, NftValue.number(NftType.CT_DIR, 0)),
        equal(CtField.ORIGINAL_IP_SADDR, ip("10.0.0.1")),
        equal(CtField.REPLY_IP6_DADDR, ip("fd00::1")),
        masked(
            PayloadField.TCP_FLAGS,
            NftValue.number(NftType.TCP_FLAG, 0x12),
            NftValue.number(NftType.TCP_FLAG, 0x02)),
        equal(FibField.DADDR_TYPE, NftValue.number(NftType.FIB_ADDRTYPE, 2)),
        equal(FibField.SADDR_IIF_OIF, NftValue.number(NftType.BOOLEAN, 0)),
        equal(PayloadField.ETHER_SADDR, NftValue.ether(0x0a580a000001L)),
        lookup("peers", PayloadField.IP_SADDR),
        lookup("peers6", PayloadField.IP6_SADDR),
        notIn("blocks", PayloadField.IP_DADDR),
        lookup("ports", PayloadField.IP_SADDR, MetaField.L4PROTO, PayloadField.TH_DPORT),
        lookup("exact", PayloadField.IP_DADDR, MetaField.L4PROTO, PayloadField.TH_DPORT),
        lookup("ports6", PayloadField.IP6_SADDR, MetaField.L4PROTO, PayloadField.TH_DPORT),
        lookup("icmp-types", PayloadField.ICMP_TYPE),
        lookup("pings", PayloadField.IP_SADDR, PayloadField.ICMP_TYPE, PayloadField.ICMP_CODE),
        lookup(
            "pings6", PayloadField.IP6_SADDR, PayloadField.ICMPV6_TYPE, PayloadField.ICMPV6_CODE),
        verdictMap("nd", PayloadField.ICMPV6_TYPE),
        lookup("links", MetaField.IIFNAME, MetaField.MARK),
        lookup("macs", MetaField.IIFNAME, PayloadField.ETHER_SADDR),
        verdictMap("pods", PayloadField.IP_DADDR),
        verdictMap("pods6", PayloadField.IP6_DADDR),
        verdictMap("ifs", MetaField.OIFNAME),
        verdictMap("dispatch", MetaField.L4PROTO, PayloadField.TH_DPORT),
        new SetMark(Mark.META, 0xff, 0x12),
        new SetMark(Mark.CT, 0xffff0000, 0),
        new SetMark(Mark.META, -1, 7),
        new SetMark(Mark.META, 0xffff0000, 0),
        new SetMark(Mark.CT, 0xff, 0x12),
        new CopyMark(Mark.META, Mark.CT),
        new CopyMark(Mark.CT, Mark.META),
        new SetMarkFromMap(Mark.META, List.of(PayloadField.IP_SADDR), "classes"),
        new Log(5, "portolan: drop ", OptionalInt.of(64), OptionalInt.of(20)),
        new Log(0, "", OptionalInt.empty(), OptionalInt.empty()),
        new Limit(10, Limit.Unit.SECOND, 5, false),
        new Limit(3, Limit.Unit.HOUR, 20, true),
        new CountInto("denied"),
        new Reject(Reject.With.ADMIN_PROHIBITED),
        new Reject(Reject.With.PORT_UNREACHABLE),
        jump("class-1"),
        NftStatement.verdict(NftVerdict.goTo("class-1")),
        NftStatement.verdict(NftVerdict.RETURN),
        NftStatement.verdict(NftVerdict.CONTINUE));
  }

  /** Every kind of object, rule and element; all of it is accepted by kernel and nft. */
  public static NftTransaction everything() {
    NftTransaction.Builder builder =
        NftTransaction.on(TABLE)
            .destroyTable()
            .addTable()
            .addCounter(NftCounter.of("denied").comment("all classes"))
            .addSet(PEERS)
            .addSet(PEERS6)
            .addSet(BLOCKS)
            .addSet(BLOCKS6)
            .addSet(PORTS)
            .addSet(EXACT)
            .addSet(PORTS6)
            .addSet(PINGS)
            .addSet(PINGS6)
            .addSet(ICMP_TYPES)
            .addSet(ND)
            .addSet(LINKS)
            .addSet(MACS)
            .addSet(SEEN)
            .addSet(PODS)
            .addSet(PODS6)
            .addSet(IFS)
            .addSet(DISPATCH)
            .addSet(CLASSES)
            .addSet(NATS)
            .addChain(NftChain.regular("class-1").comment("default/web"))
            .addChain(
                NftChain.base(
                        "forward", NftChain.Type.FILTER, NftHook.FORWARD, 0, NftChain.Policy.DROP)
                    .comment("the skeleton"))
            .addChain(
                NftChain.base(
                    "early",
                    NftChain.Type.FILTER,
                    NftHook.PREROUTING,
                    -305,
                    NftChain.Policy.ACCEPT))
            .addChain(
                NftChain.base(
                    "post", NftChain.Type.NAT, NftHook.POSTROUTING, 100, NftChain.Policy.ACCEPT))
            .addChain(
                NftChain.base(
                    "pre", NftChain.Type.NAT, NftHook.PREROUTING, -100, NftChain.Policy.ACCEPT));
    builder.addRule("class-1", NftRule.of(counter(), accept()).comment("rule 1"));
    builder.addRule("early", new Notrack());
    for (NftStatement statement : filterStatements()) {
      builder.addRule("forward", statement);
    }
    builder
        .addRule(
            "forward",
            NftRule.of(
                    lookup("peers", PayloadField.IP_SADDR),
                    equal(PayloadField.TCP_DPORT, NftValue.port(80)),
                    notIn("blocks", PayloadField.IP_SADDR),
                    counter(),
                    accept())
                .comment("rule 2"))
        .addRule(
            "forward",
            equal(MetaField.L4PROTO, NftValue.protocol(6)),
            new Reject(Reject.With.TCP_RESET))
        .addRule("forward", counter(), drop())
        .addRule(
            "post",
            new InPrefix(PayloadField.IP_SADDR, ip("10.0.0.0"), 8, false),
            new SourceNat(ip("1.2.3.4"), NatPorts.KEEP))
        .addRule(
            "post",
            new SourceNat(new NftInterval(ip("1.2.3.4"), ip("1.2.3.9")), NatPorts.FULLY_RANDOM))
        .addRule(
            "post", notIn("blocks", PayloadField.IP_DADDR), new Masquerade(NatPorts.FULLY_RANDOM))
        .addRule("post", new SourceNat(ip("fd00::5"), NatPorts.RANDOM))
        .addRule(
            "pre",
            equal(PayloadField.TCP_DPORT, NftValue.port(80)),
            new DestinationNat(ip("10.0.0.9"), OptionalInt.of(8080)))
        .addRule(
            "pre",
            equal(PayloadField.TCP_DPORT, NftValue.port(80)),
            new DestinationNat(ip("fd00::9"), OptionalInt.of(8080)))
        .addRule("pre", new DestinationNat(ip("fd00::9"), OptionalInt.empty()));
    SampleElements.add(builder);
    return builder.build();
  }
}
