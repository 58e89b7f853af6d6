package io.portolan.policy.nft;

import static io.portolan.linux.nft.NftStatement.accept;
import static io.portolan.linux.nft.NftStatement.counter;
import static io.portolan.linux.nft.NftStatement.drop;
import static io.portolan.linux.nft.NftStatement.equal;
import static io.portolan.linux.nft.NftStatement.jump;
import static io.portolan.linux.nft.NftStatement.lookup;
import static io.portolan.linux.nft.NftStatement.verdict;
import static io.portolan.linux.nft.NftStatement.verdictMap;

import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.NftHook;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.NftVerdict;
import io.portolan.linux.nft.PayloadField;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The table that brings what pods of one bridge say to each other before the policies.
 *
 * <p>Frames between ports of a bridge never come to the node's network stack, so that {@link
 * Skeleton} does not see them, unless br_netfilter is there and switched on. Here a frame from or
 * to a pod is readdressed to the bridge itself before the bridge decides where it goes; the node
 * then routes it, and judges it as what comes from elsewhere. That depends on no setting of the
 * node's, and changes none.
 *
 * <pre>
 *  prerouting (before all others)
 *    iifname @checked, IP         → spoofing: iifname . saddr must be @source4/6, else drop
 *    neighbour discovery          → as ever
 *    daddr vmap @pods4/6          → to/BRIDGE: ether daddr set MAC, pkttype host
 *    broadcast, multicast         → as ever
 *    iifname vmap @ports, IP      → to/BRIDGE
 *    saddr vmap @pods4/6          → to/BRIDGE: of ports that are not known to be a container's
 *  output
 *    oifname @checked, redirects  → drop: the neighbour is to be reached by this node
 * </pre>
 *
 * <p>Unlike the interface's name in {@link Skeleton}, which is the bridge's for all its pods, a
 * port tells them apart. Frames that are no IP (ARP) are bridged as ever.
 */
public final class BridgeTable {
  public static final NftTable TABLE =
      NftTable.of(NftFamily.BRIDGE, "portolan").comment("portolan bridged pods 1");

  /** Ahead of ebtables (-300) and of br_netfilter (0). */
  private static final int PRIORITY = -310;

  private static final NftSet CHECKED =
      NftSet.of("checked", NftType.IFNAME).comment("ports whose container's addresses are known");

  private static final NftSet PORTS = NftSet.verdictMap("ports", NftType.IFNAME);

  private static final NftValue IPV4 = NftValue.number(NftType.ETHER_TYPE, 0x0800);
  private static final NftValue IPV6 = NftValue.number(NftType.ETHER_TYPE, 0x86dd);

  private BridgeTable() {}

  /** The whole table; empty where no pod hangs on a bridge. */
  public static TableImage of(List<BridgedPods> bridges) {
    if (bridges.isEmpty()) {
      return TableImage.EMPTY;
    }
    DesiredTable table = new DesiredTable();
    table.putSet(CHECKED);
    table.putSet(PORTS);
    table.putSet(Skeleton.LINK_UPKEEP);
    Skeleton.upkeepElements()
        .forEach(element -> table.putElement(Skeleton.LINK_UPKEEP.name(), element));
    for (IpFamily family : IpFamily.values()) {
      table.putSet(Skeleton.sources(family));
      table.putSet(pods(family));
    }
    bridges.forEach(bridge -> add(table, bridge));
    table.putChain(
        NftChain.regular(Skeleton.SPOOFING).comment("sources that do not belong to the port"),
        Skeleton.spoofing());
    table.putChain(hook("prerouting", NftHook.PREROUTING), prerouting());
    table.putChain(
        hook("output", NftHook.OUTPUT),
        List.of(
            NftRule.of(
                lookup(CHECKED.name(), MetaField.OIFNAME),
                equal(PayloadField.ICMP_TYPE, NftValue.number(NftType.ICMP_TYPE, 5)),
                drop()),
            NftRule.of(
                lookup(CHECKED.name(), MetaField.OIFNAME),
                equal(PayloadField.ICMPV6_TYPE, NftValue.number(NftType.ICMPV6_TYPE, 137)),
                drop())));
    return table.image();
  }

  private static void add(DesiredTable table, BridgedPods bridge) {
    String chain = "to/" + bridge.bridge();
    table.putChain(
        NftChain.regular(chain),
        List.of(
            NftRule.of(
                new NftStatement.SetField(
                    PayloadField.ETHER_DADDR, NftValue.ether(bridge.mac().bits())),
                new NftStatement.SetField(MetaField.PKTTYPE, NftValue.number(NftType.PKT_TYPE, 0)),
                counter(),
                accept())));
    NftVerdict toNode = NftVerdict.goTo(chain);
    Set<IpAddress> pods = new HashSet<>(bridge.pods());
    for (IpAddress pod : bridge.pods()) {
      table.putElement(pods(pod.family()).name(), NftElement.mapping(toNode, Skeleton.value(pod)));
    }
    bridge
        .ports()
        .forEach((port, addresses) -> {
          NftValue name = NftValue.ifname(port);
          table.putElement(PORTS.name(), NftElement.mapping(toNode, name));
          if (addresses.stream().anyMatch(pods::contains)) {
            table.putElement(CHECKED.name(), NftElement.of(name));
            addresses.stream()
                .filter(pods::contains)
                .forEach(address ->
                    table.putElement(
                        Skeleton.sources(address.family()).name(),
                        NftElement.of(name, Skeleton.value(address))));
          }
        });
  }

  private static List<NftRule> prerouting() {
    List<NftRule> rules = new ArrayList<>();
    for (NftValue ip : List.of(IPV4, IPV6)) {
      rules.add(
          NftRule.of(
              lookup(CHECKED.name(), MetaField.IIFNAME),
              equal(MetaField.PROTOCOL, ip),
              jump(Skeleton.SPOOFING)));
    }
    rules.add(NftRule.of(lookup(Skeleton.LINK_UPKEEP.name(), PayloadField.ICMPV6_TYPE), accept()));
    rules.add(NftRule.of(verdictMap(pods(IpFamily.IPV4).name(), PayloadField.IP_DADDR)));
    rules.add(NftRule.of(verdictMap(pods(IpFamily.IPV6).name(), PayloadField.IP6_DADDR)));
    for (int toMany = 1; toMany <= 2; toMany++) {
      rules.add(
          NftRule.of(
              equal(MetaField.PKTTYPE, NftValue.number(NftType.PKT_TYPE, toMany)),
              verdict(NftVerdict.ACCEPT)));
    }
    for (NftValue ip : List.of(IPV4, IPV6)) {
      rules.add(
          NftRule.of(equal(MetaField.PROTOCOL, ip), verdictMap(PORTS.name(), MetaField.IIFNAME)));
    }
    rules.add(NftRule.of(verdictMap(pods(IpFamily.IPV4).name(), PayloadField.IP_SADDR)));
    rules.add(NftRule.of(verdictMap(pods(IpFamily.IPV6).name(), PayloadField.IP6_SADDR)));
    return rules;
  }

  private static NftSet pods(IpFamily family) {
    return NftSet.verdictMap("pods" + Skeleton.suffix(family), Skeleton.address(family));
  }

  private static NftChain hook(String name, NftHook hook) {
    return NftChain.base(name, NftChain.Type.FILTER, hook, PRIORITY, NftChain.Policy.ACCEPT);
  }
}
