package io.portolan.calico.routing.kernel;

import io.portolan.calico.routing.PacketRules;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpFamily;
import io.portolan.linux.nft.FibField;
import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.NftHook;
import io.portolan.linux.nft.NftInterval;
import io.portolan.linux.nft.NftListing;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.PayloadField;
import io.portolan.linux.nft.simulated.SimulatedNftTables;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * {@link PacketRules} as the table {@code inet portolan-routing}, for each family in use:
 *
 * <pre>
 *   postrouting  ip saddr @masqueraded4 ip daddr != @natives4            masquerade fully-random
 *                oifname TUNNEL ip saddr != ADDRESS fib saddr type local masquerade fully-random
 *   input        udp dport 4789 ip saddr != @senders4                    drop
 *   forward      udp dport 4789 ip saddr @pods4                          drop
 * </pre>
 *
 * A pod's own tunnel packets are dropped where they are forwarded: behind source address
 * translation the other node would take them for this node's.
 */
final class PacketTable {
  static final NftTable TABLE =
      NftTable.of(NftFamily.INET, "portolan-routing").comment("owned by portolan-agent");

  private static final int SOURCE_NAT_PRIORITY = 100;
  private static final int LOCAL = 2;
  private static final int IPPROTO_IPIP = 4;
  private static final Pattern COUNTED = Pattern.compile("counter packets \\d+ bytes \\d+");

  private PacketTable() {}

  /** The sets of one family. */
  private record Sets(
      IpFamily family,
      PayloadField source,
      PayloadField destination,
      NftSet masqueraded,
      NftSet natives,
      NftSet senders,
      NftSet pods) {
    static Sets of(IpFamily family) {
      boolean v4 = family == IpFamily.IPV4;
      NftType type = v4 ? NftType.IPV4_ADDR : NftType.IPV6_ADDR;
      String suffix = v4 ? "4" : "6";
      return new Sets(
          family,
          v4 ? PayloadField.IP_SADDR : PayloadField.IP6_SADDR,
          v4 ? PayloadField.IP_DADDR : PayloadField.IP6_DADDR,
          NftSet.of("masqueraded" + suffix, type).interval(),
          NftSet.of("natives" + suffix, type).interval(),
          NftSet.of("senders" + suffix, type).interval(),
          NftSet.of("pods" + suffix, type).interval());
    }
  }

  private static final List<Sets> FAMILIES =
      List.of(Sets.of(IpFamily.IPV4), Sets.of(IpFamily.IPV6));

  /** From nothing, or from whatever is there. */
  static NftTransaction whole(PacketRules rules) {
    NftTransaction.Builder draft = NftTransaction.on(TABLE).destroyTable().addTable();
    for (Sets sets : FAMILIES) {
      draft
          .addSet(sets.masqueraded)
          .addElements(sets.masqueraded, elements(sets, rules.masqueraded()))
          .addSet(sets.natives)
          .addElements(sets.natives, elements(sets, rules.natives()))
          .addSet(sets.senders)
          .addElements(sets.senders, elements(sets, rules.senders()))
          .addSet(sets.pods)
          .addElements(sets.pods, elements(sets, rules.pods()));
    }
    draft
        .addChain(
            NftChain.base(
                "postrouting",
                NftChain.Type.NAT,
                NftHook.POSTROUTING,
                SOURCE_NAT_PRIORITY,
                NftChain.Policy.ACCEPT))
        .addChain(
            NftChain.base("input", NftChain.Type.FILTER, NftHook.INPUT, 0, NftChain.Policy.ACCEPT))
        .addChain(
            NftChain.base(
                "forward", NftChain.Type.FILTER, NftHook.FORWARD, 0, NftChain.Policy.ACCEPT));
    for (Sets sets : FAMILIES) {
      translation(draft, sets, rules);
      filter(draft, sets, rules);
    }
    return draft.build();
  }

  private static void translation(NftTransaction.Builder draft, Sets sets, PacketRules rules) {
    NftStatement masquerade = new NftStatement.Masquerade(NftStatement.NatPorts.FULLY_RANDOM);
    if (isIn(sets, rules.masqueraded())) {
      draft.addRule(
          "postrouting",
          NftStatement.lookup(sets.masqueraded.name(), sets.source),
          NftStatement.notIn(sets.natives.name(), sets.destination),
          masquerade);
    }
    for (PacketRules.Tunnel tunnel : rules.tunnels()) {
      if (tunnel.address().family() == sets.family) {
        draft.addRule(
            "postrouting",
            NftStatement.equal(MetaField.OIFNAME, NftValue.ifname(tunnel.device())),
            NftStatement.notEqual(sets.source, NftValue.address(tunnel.address().bytes())),
            NftStatement.equal(FibField.SADDR_TYPE, NftValue.number(NftType.FIB_ADDRTYPE, LOCAL)),
            masquerade);
      }
    }
  }

  private static void filter(NftTransaction.Builder draft, Sets sets, PacketRules rules) {
    if (!isIn(sets, rules.senders())) {
      return;
    }
    List<List<NftStatement>> tunnelPackets = new ArrayList<>();
    if (rules.vxlanPort() != 0) {
      tunnelPackets.add(
          List.of(NftStatement.equal(PayloadField.UDP_DPORT, NftValue.port(rules.vxlanPort()))));
    }
    if (rules.ipip() && sets.family == IpFamily.IPV4) {
      tunnelPackets.add(
          List.of(
              NftStatement.equal(
                  MetaField.L4PROTO, NftValue.number(NftType.INET_PROTO, IPPROTO_IPIP))));
    }
    for (List<NftStatement> packet : tunnelPackets) {
      draft
          .addRule("input", dropping(packet, NftStatement.notIn(sets.senders.name(), sets.source)))
          .addRule("forward", dropping(packet, NftStatement.lookup(sets.pods.name(), sets.source)));
    }
  }

  private static NftStatement[] dropping(List<NftStatement> packet, NftStatement from) {
    List<NftStatement> statements = new ArrayList<>(packet);
    statements.add(from);
    statements.add(NftStatement.counter());
    statements.add(NftStatement.drop());
    return statements.toArray(NftStatement[]::new);
  }

  /** Between rules of the same shape: elements only. */
  static NftTransaction difference(PacketRules before, PacketRules after) {
    NftTransaction.Builder draft = NftTransaction.on(TABLE);
    for (Sets sets : FAMILIES) {
      difference(draft, sets, sets.masqueraded, before.masqueraded(), after.masqueraded());
      difference(draft, sets, sets.natives, before.natives(), after.natives());
      difference(draft, sets, sets.senders, before.senders(), after.senders());
      difference(draft, sets, sets.pods, before.pods(), after.pods());
    }
    return draft.build();
  }

  private static void difference(
      NftTransaction.Builder draft, Sets sets, NftSet set, List<Cidr> before, List<Cidr> after) {
    List<Cidr> gone = new ArrayList<>(before);
    gone.removeAll(after);
    List<Cidr> come = new ArrayList<>(after);
    come.removeAll(before);
    // First what goes: what comes may enclose it, and intervals of a set may not overlap.
    draft.deleteElements(set, elements(sets, gone)).addElements(set, elements(sets, come));
  }

  /** Whether the table that was read is what {@link #whole} makes of the rules. */
  static boolean isAsMade(NftListing listing, PacketRules rules) {
    SimulatedNftTables made = new SimulatedNftTables();
    made.commit(whole(rules)).orThrow();
    return made.read(TABLE).map(m -> lines(m).equals(lines(listing))).orElse(false);
  }

  /** Without what was counted, and in any order of a set's elements. */
  private static List<String> lines(NftListing listing) {
    return COUNTED.matcher(listing.toString()).replaceAll("counter").lines().sorted().toList();
  }

  private static boolean isIn(Sets sets, List<Cidr> blocks) {
    return blocks.stream().anyMatch(c -> c.family() == sets.family);
  }

  private static List<NftElement> elements(Sets sets, List<Cidr> blocks) {
    return blocks.stream()
        .filter(c -> c.family() == sets.family)
        .map(c ->
            NftElement.of(
                c.isSingleAddress()
                    ? NftValue.address(c.network().bytes())
                    : NftInterval.prefix(NftValue.address(c.network().bytes()), c.prefixLength())))
        .toList();
  }
}
