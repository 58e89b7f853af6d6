package io.portolan.policy.nft;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.route.MacAddress;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class BridgeTableTest {
  @Test
  void framesFromAndToPodsAreHandedToTheNodeAndPortsMaySendFromTheirPodsAddressesOnly() {
    TreeMap<String, List<IpAddress>> ports = new TreeMap<>();
    ports.put("veth1", addresses("10.244.1.2", "fd00::2"));
    ports.put("veth2", addresses("10.244.1.9"));
    BridgedPods cni0 =
        new BridgedPods(
            "cni0",
            MacAddress.parse("0a:58:0a:f4:01:01"),
            addresses("10.244.1.2", "fd00::2"),
            ports);

    assertThat(TableDiff.rebuild(BridgeTable.TABLE, BridgeTable.of(List.of(cni0))))
        .hasToString(
            """
            add table bridge portolan
            delete table bridge portolan
            add table bridge portolan { comment "portolan bridged pods 1" ; }
            add set bridge portolan checked { type ifname; comment "ports whose \
            container's addresses are known"; }
            add element bridge portolan checked { "veth1" }
            add set bridge portolan link_upkeep { type icmpv6_type; comment "neighbour \
            discovery and the like"; }
            add element bridge portolan link_upkeep { mld-listener-query, \
            mld-listener-report, mld-listener-done, nd-router-solicit, nd-router-advert, \
            nd-neighbor-solicit, nd-neighbor-advert, nd-redirect, mld2-listener-report }
            add set bridge portolan source4 { type ifname . ipv4_addr; }
            add element bridge portolan source4 { "veth1" . 10.244.1.2 }
            add set bridge portolan source6 { type ifname . ipv6_addr; }
            add element bridge portolan source6 { "veth1" . fd00::2 }
            add map bridge portolan pods4 { type ipv4_addr : verdict; }
            add map bridge portolan pods6 { type ipv6_addr : verdict; }
            add map bridge portolan ports { type ifname : verdict; }
            add chain bridge portolan output { type filter hook output priority -310; \
            policy accept; }
            add chain bridge portolan prerouting { type filter hook prerouting priority \
            dstnat - 10; policy accept; }
            add chain bridge portolan spoofing { comment "sources that do not belong to \
            the port"; }
            add chain bridge portolan to/cni0
            add rule bridge portolan output oifname @checked icmp type redirect drop
            add rule bridge portolan output oifname @checked icmpv6 type nd-redirect drop
            add rule bridge portolan prerouting iifname @checked meta protocol ip jump \
            spoofing
            add rule bridge portolan prerouting iifname @checked meta protocol ip6 jump \
            spoofing
            add rule bridge portolan prerouting icmpv6 type @link_upkeep accept
            add rule bridge portolan prerouting ip daddr vmap @pods4
            add rule bridge portolan prerouting ip6 daddr vmap @pods6
            add rule bridge portolan prerouting meta pkttype broadcast accept
            add rule bridge portolan prerouting meta pkttype multicast accept
            add rule bridge portolan prerouting meta protocol ip iifname vmap @ports
            add rule bridge portolan prerouting meta protocol ip6 iifname vmap @ports
            add rule bridge portolan prerouting ip saddr vmap @pods4
            add rule bridge portolan prerouting ip6 saddr vmap @pods6
            add rule bridge portolan spoofing iifname . ip saddr @source4 return
            add rule bridge portolan spoofing iifname . ip6 saddr @source6 return
            add rule bridge portolan spoofing ip6 saddr fe80::/10 return
            add rule bridge portolan spoofing ip6 saddr :: icmpv6 type \
            nd-neighbor-solicit return
            add rule bridge portolan spoofing counter packets 0 bytes 0 drop
            add rule bridge portolan to/cni0 ether daddr set 0a:58:0a:f4:01:01 meta \
            pkttype set host counter packets 0 bytes 0 accept
            add element bridge portolan pods4 { 10.244.1.2 : goto to/cni0 }
            add element bridge portolan pods6 { fd00::2 : goto to/cni0 }
            add element bridge portolan ports { "veth1" : goto to/cni0, "veth2" : goto \
            to/cni0 }
            """);
  }

  @Test
  void withoutPodsOnBridgesThereIsNoTable() {
    assertThat(BridgeTable.of(List.of())).isEqualTo(TableImage.EMPTY);
  }

  private static List<IpAddress> addresses(String... texts) {
    return List.of(texts).stream().map(IpAddress::parse).toList();
  }
}
