package io.portolan.calico.bgp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class BirdRendererTest {
  /** What differs from cluster to cluster: announcements, filters, sessions and problems. */
  private static String rendered(BgpCluster cluster, String node) {
    return cluster.renderedFor(node).lines().collect(Collectors.joining("\n"));
  }

  /** From the line on. */
  private static String from(String line, String text) {
    int start = text.indexOf(line);
    assertThat(start).as(text).isNotNegative();
    return text.substring(start);
  }

  @Test
  void aMesh() {
    assertThat(rendered(BgpClusters.mesh(), "node1"))
        .isEqualTo(
            """
            # Written by portolan-agent; changes are overwritten.
            log stderr { warning, error, fatal, bug, auth };
            router id 192.168.1.1;
            graceful restart wait 120;

            protocol device { scan time 2; }
            protocol direct {
              ipv4;
              ipv6;
              interface -"docker*", -"cali*", -"eni*", -"kube-ipvs*", -"vxlan*.calico", -"tunl0", "*";
            }

            filter from_kernel4 {
              if net ~ 10.0.0.0/16 then reject;
              if net ~ 10.1.0.0/16 then reject;
              if net ~ 10.2.0.0/16 then reject;
              accept;
            }
            filter to_kernel4 {
              if proto = "reachable4" then accept;
              if source != RTS_BGP then reject;
              if net ~ 10.2.0.0/16 then reject;
              krt_metric = 1024;
              if bgp_local_pref > 1073741823 then krt_metric = 2147483647 - bgp_local_pref;
              accept;
            }
            protocol kernel kernel4 {
              learn;
              persist;
              scan time 10;
              metric 0;
              merge paths on;
              graceful restart on;
              ipv4 { import filter from_kernel4; export filter to_kernel4; };
            }
            protocol static announced4 {
              ipv4;
              route 10.0.1.0/26 blackhole;
              route 10.0.2.7/32 blackhole;
            }
            function to_peers4()
            {
              if net ~ 10.1.0.0/16 then reject;
              if net ~ 10.0.0.0/16 then { bgp_community.add((65000, 7)); bgp_large_community.add((65000, 1, 2)); }
              if proto = "announced4" then accept;
              if net ~ 10.0.1.0/26 then reject;
              if net ~ 10.0.0.0/16 then accept;
              if net ~ 10.2.0.0/16 then accept;
              reject;
            }

            filter from_kernel6 {
              if net ~ fd10::/48 then reject;
              accept;
            }
            filter to_kernel6 {
              if proto = "reachable6" then accept;
              if source != RTS_BGP then reject;
              krt_metric = 1024;
              if bgp_local_pref > 1073741823 then krt_metric = 2147483647 - bgp_local_pref;
              accept;
            }
            protocol kernel kernel6 {
              learn;
              persist;
              scan time 10;
              metric 0;
              merge paths on;
              graceful restart on;
              ipv6 { import filter from_kernel6; export filter to_kernel6; };
            }
            protocol static announced6 {
              ipv6;
              route fd10::100/122 blackhole;
            }
            function to_peers6()
            {
              if proto = "announced6" then accept;
              if net ~ fd10::100/122 then reject;
              if net ~ fd10::/48 then accept;
              reject;
            }

            # node node2
            protocol bgp mesh_192_168_1_2 {
              local 192.168.1.1 port 179 as 64600;
              neighbor 192.168.1.2 port 179 as 64600;
              multihop;
              strict bind on;
              passive on;
              password "secret words";
              connect delay time 2;
              connect retry time 5;
              error wait time 5, 30;
              graceful restart on;
              graceful restart time 150;
              ipv4 {
                add paths on;
                gateway recursive;
                import filter { accept; };
                export filter {
                  if source != RTS_BGP then bgp_local_pref = 2147482623;
                  to_peers4();
                  reject;
                };
              };
            }

            # node node3
            protocol bgp mesh_192_168_2_3 {
              local 192.168.1.1 port 179 as 64600;
              neighbor 192.168.2.3 port 179 as 64600;
              multihop;
              strict bind on;
              passive on;
              password "secret words";
              connect delay time 2;
              connect retry time 5;
              error wait time 5, 30;
              graceful restart on;
              graceful restart time 150;
              ipv4 {
                add paths on;
                gateway recursive;
                import filter { accept; };
                export filter {
                  if source != RTS_BGP then bgp_local_pref = 2147482623;
                  to_peers4();
                  reject;
                };
              };
            }

            # node node3
            protocol bgp mesh_fd00_2__3 {
              local fd00:1::1 port 179 as 64600;
              neighbor fd00:2::3 port 179 as 64600;
              multihop;
              strict bind on;
              passive on;
              password "secret words";
              connect delay time 2;
              connect retry time 5;
              error wait time 5, 30;
              graceful restart on;
              graceful restart time 150;
              ipv6 {
                add paths on;
                gateway recursive;
                import filter { accept; };
                export filter {
                  if source != RTS_BGP then bgp_local_pref = 2147482623;
                  to_peers6();
                  reject;
                };
              };
            }
            """
                .strip());
  }

  @Test
  void aRouteReflectorAndItsClient() {
    assertThat(from("function to_peers6", rendered(BgpClusters.reflectors(), "node1")))
        .isEqualTo(
            """
            function to_peers6()
            {
              if proto = "announced6" then accept;
              reject;
            }

            # BGPPeer clients
            protocol bgp peer_192_168_1_2 {
              local 192.168.1.1 port 179 as 64512;
              neighbor 192.168.1.2 port 179 as 64512;
              multihop;
              passive on;
              connect delay time 2;
              connect retry time 5;
              error wait time 5, 30;
              graceful restart on;
              rr client;
              rr cluster id 224.0.0.1;
              ipv4 {
                add paths on;
                gateway recursive;
                import filter { accept; };
                export filter {
                  if source != RTS_BGP then bgp_local_pref = 2147482623;
                  to_peers4();
                  reject;
                };
              };
            }

            # BGPPeer reflectors
            protocol bgp peer_192_168_1_4 {
              local 192.168.1.1 port 179 as 64512;
              neighbor 192.168.1.4 port 179 as 64512;
              multihop;
              passive on;
              connect delay time 2;
              connect retry time 5;
              error wait time 5, 30;
              graceful restart on;
              ipv4 {
                add paths on;
                gateway recursive;
                import filter { accept; };
                export filter {
                  if source != RTS_BGP then bgp_local_pref = 2147482623;
                  to_peers4();
                  reject;
                };
              };
            }

            # BGPPeer clients
            protocol bgp peer_192_168_2_3 {
              local 192.168.1.1 port 179 as 64512;
              neighbor 192.168.2.3 port 179 as 64512;
              multihop;
              passive on;
              connect delay time 2;
              connect retry time 5;
              error wait time 5, 30;
              graceful restart on;
              rr client;
              rr cluster id 224.0.0.1;
              ipv4 {
                add paths on;
                gateway recursive;
                import filter { accept; };
                export filter {
                  if source != RTS_BGP then bgp_local_pref = 2147482623;
                  to_peers4();
                  reject;
                };
              };
            }
            """
                .strip());
    assertThat(from("function to_peers6", rendered(BgpClusters.reflectors(), "node2")))
        .isEqualTo(
            """
            function to_peers6()
            {
              if proto = "announced6" then accept;
              reject;
            }

            # BGPPeer clients
            protocol bgp peer_192_168_1_1 {
              local 192.168.1.2 port 179 as 64512;
              neighbor 192.168.1.1 port 179 as 64512;
              multihop;
              connect delay time 2;
              connect retry time 5;
              error wait time 5, 30;
              graceful restart on;
              ipv4 {
                add paths on;
                gateway recursive;
                import filter { accept; };
                export filter {
                  if source != RTS_BGP then bgp_local_pref = 2147482623;
                  to_peers4();
                  reject;
                };
              };
            }

            # BGPPeer clients
            protocol bgp peer_192_168_1_4 {
              local 192.168.1.2 port 179 as 64512;
              neighbor 192.168.1.4 port 179 as 64512;
              multihop;
              passive on;
              connect delay time 2;
              connect retry time 5;
              error wait time 5, 30;
              graceful restart on;
              ipv4 {
                add paths on;
                gateway recursive;
                import filter { accept; };
                export filter {
                  if source != RTS_BGP then bgp_local_pref = 2147482623;
                  to_peers4();
                  reject;
                };
              };
            }
            """
                .strip());
  }

  @Test
  void routersOfRacks() {
    assertThat(from("function to_peers6", rendered(BgpClusters.routers(), "node1")))
        .isEqualTo(
            """
            function to_peers6()
            {
              if proto = "announced6" then accept;
              if net ~ fd10::100/122 then reject;
              if net ~ fd10::/48 then accept;
              reject;
            }

            # BGPPeer rack-a
            protocol bgp peer_192_168_1_254 {
              local 192.168.1.1 port 1790 as 64512;
              neighbor 192.168.1.254 port 179 as 65546;
              multihop;
              password "p";
              connect delay time 2;
              connect retry time 5;
              error wait time 5, 30;
              keepalive time 10;
              graceful restart on;
              graceful restart time 60;
              allow local as 2;
              ipv4 {
                add paths on;
                gateway recursive;
                next hop self;
                import filter { accept; };
                export filter {
                  if source != RTS_BGP then bgp_local_pref = 2147482623;
                  to_peers4();
                  reject;
                };
              };
            }

            # BGPPeer neighbour
            protocol bgp peer_192_168_1_4 {
              local 192.168.1.1 port 1790 as 64512;
              neighbor 192.168.1.4 port 1790 as 65004;
              multihop;
              passive on;
              connect delay time 2;
              connect retry time 5;
              error wait time 5, 30;
              graceful restart on;
              ipv4 {
                add paths on;
                gateway recursive;
                import filter { accept; };
                export filter {
                  if source != RTS_BGP then bgp_local_pref = 2147482623;
                  to_peers4();
                  reject;
                };
              };
            }

            # BGPPeer far
            protocol bgp peer_203_0_113_9_port_1179 {
              local port 1790 as 65010;
              neighbor 203.0.113.9 port 1179 as 65100;
              multihop 3;
              ttl security on;
              connect delay time 2;
              connect retry time 5;
              error wait time 5, 30;
              graceful restart on;
              ipv4 {
                add paths on;
                gateway recursive;
                next hop keep;
                import filter { accept; };
                export filter {
                  if source != RTS_BGP then bgp_local_pref = 2147482623;
                  to_peers4();
                  reject;
                };
              };
            }

            # BGPPeer six
            protocol bgp peer_fd00_1__ff_port_179 {
              local fd00:1::1 port 1790 as 64512;
              neighbor fd00:1::ff port 179 as 65100;
              multihop;
              connect delay time 2;
              connect retry time 5;
              error wait time 5, 30;
              graceful restart on;
              ipv6 {
                add paths on;
                gateway recursive;
                import filter { accept; };
                export filter {
                  if source != RTS_BGP then bgp_local_pref = 2147482623;
                  to_peers6();
                  reject;
                };
              };
            }
            """
                .strip());
  }

  @Test
  void filters() {
    assertThat(from("function to_peers4", rendered(BgpClusters.filters(), "node1")))
        .isEqualTo(
            """
            function to_peers4()
            {
              if proto = "announced4" then accept;
              if net ~ 10.0.1.0/26 then reject;
              if net ~ 10.0.0.0/16 then accept;
              reject;
            }
            function 'export4.a-name-that-is-longer-than-what-bird-take.3b6049fc'(bool same_as)
            {
              accept;
            }
            function 'import4.everything'(bool same_as)
            {
              if ((65000, 666) ~ bgp_community) then { reject; }
              if ((65000, 6, 66) ~ bgp_large_community) && (bgp_path ~ [= 65001 65002 * =]) then { reject; }
              if (bgp_local_pref = 2147483135) then { accept; }
              if (net !~ [ 10.0.0.0/8{8,32} ]) then { reject; }
            }
            function 'export4.everything'(bool same_as)
            {
              if (net ~ [ 10.0.0.0/16{24,28} ]) && (source = RTS_BGP) then { reject; }
              if (net = 10.9.0.0/16) && (! same_as) then { bgp_community.add((65000, 9)); bgp_large_community.add((1, 2, 3)); bgp_path.prepend(65002); bgp_path.prepend(65001); bgp_local_pref = 2147483135; accept; }
              if (net != 10.8.0.0/16) && (ifname ~ "eth*") && (same_as) then { reject; }
            }

            filter from_kernel6 {
              if net ~ fd10::/48 then reject;
              accept;
            }
            filter to_kernel6 {
              if proto = "reachable6" then accept;
              if source != RTS_BGP then reject;
              krt_metric = 1024;
              if bgp_local_pref > 1073741823 then krt_metric = 2147483647 - bgp_local_pref;
              accept;
            }
            protocol kernel kernel6 {
              learn;
              persist;
              scan time 10;
              metric 0;
              merge paths on;
              graceful restart on;
              ipv6 { import filter from_kernel6; export filter to_kernel6; };
            }
            protocol static announced6 {
              ipv6;
              route fd10::100/122 blackhole;
            }
            function to_peers6()
            {
              if proto = "announced6" then accept;
              if net ~ fd10::100/122 then reject;
              if net ~ fd10::/48 then accept;
              reject;
            }
            function 'import6.everything'(bool same_as)
            {
              if (net ~ [ fd99::/16{16,128} ]) then { reject; }
            }

            # BGPPeer router
            protocol bgp peer_192_168_1_254 {
              local 192.168.1.1 port 179 as 64512;
              neighbor 192.168.1.254 port 179 as 65001;
              multihop;
              connect delay time 2;
              connect retry time 5;
              error wait time 5, 30;
              graceful restart on;
              ipv4 {
                add paths on;
                gateway recursive;
                import filter { 'import4.everything'(false); accept; };
                export filter {
                  if source != RTS_BGP then bgp_local_pref = 2147482623;
                  'export4.everything'(false); 'export4.a-name-that-is-longer-than-what-bird-take.3b6049fc'(false); to_peers4();
                  reject;
                };
              };
            }

            # BGPPeer six
            protocol bgp peer_fd00_1__ff {
              local fd00:1::1 port 179 as 64512;
              neighbor fd00:1::ff port 179 as 64512;
              multihop;
              connect delay time 2;
              connect retry time 5;
              error wait time 5, 30;
              graceful restart on;
              ipv6 {
                add paths on;
                gateway recursive;
                import filter { 'import6.everything'(true); accept; };
                export filter {
                  if source != RTS_BGP then bgp_local_pref = 2147482623;
                  to_peers6();
                  reject;
                };
              };
            }
            ! BGPPeer router: there is no usable BGPFilter missing: the session goes without it
            """
                .strip());
  }

  @Test
  void services() {
    assertThat(from("protocol static announced4", rendered(BgpClusters.services(), "node1")))
        .isEqualTo(
            """
            protocol static announced4 {
              ipv4;
              route 10.0.1.0/26 blackhole;
              route 10.96.0.0/12 blackhole;
              route 10.96.0.1/32 blackhole;
              route 10.96.0.4/32 blackhole;
              route 10.96.0.5/32 blackhole;
              route 198.51.100.0/24 blackhole;
              route 198.51.100.1/32 blackhole;
              route 198.51.101.5/32 blackhole;
              route 203.0.113.0/24 blackhole;
              route 203.0.113.1/32 blackhole;
              route 203.0.113.4/32 blackhole;
            }
            function to_peers4()
            {
              if proto = "announced4" then accept;
              if net ~ 10.0.1.0/26 then reject;
              if net ~ 10.0.0.0/16 then accept;
              reject;
            }

            filter from_kernel6 {
              if net ~ fd10::/48 then reject;
              accept;
            }
            filter to_kernel6 {
              if proto = "reachable6" then accept;
              if source != RTS_BGP then reject;
              krt_metric = 1024;
              if bgp_local_pref > 1073741823 then krt_metric = 2147483647 - bgp_local_pref;
              accept;
            }
            protocol kernel kernel6 {
              learn;
              persist;
              scan time 10;
              metric 0;
              merge paths on;
              graceful restart on;
              ipv6 { import filter from_kernel6; export filter to_kernel6; };
            }
            protocol static announced6 {
              ipv6;
              route fd10::100/122 blackhole;
            }
            function to_peers6()
            {
              if proto = "announced6" then accept;
              if net ~ fd10::100/122 then reject;
              if net ~ fd10::/48 then accept;
              reject;
            }

            # BGPPeer router
            protocol bgp peer_192_168_1_254 {
              local 192.168.1.1 port 179 as 64512;
              neighbor 192.168.1.254 port 179 as 65001;
              multihop;
              connect delay time 2;
              connect retry time 5;
              error wait time 5, 30;
              graceful restart on;
              ipv4 {
                add paths on;
                gateway recursive;
                import filter { accept; };
                export filter {
                  if source != RTS_BGP then bgp_local_pref = 2147482623;
                  to_peers4();
                  reject;
                };
              };
            }
            """
                .strip());
  }

  @Test
  void whatIsWrongIsLeftOutAndNamed() {
    assertThat(from("function to_peers6", rendered(BgpClusters.mistakes(), "node1")))
        .isEqualTo(
            """
            function to_peers6()
            {
              if proto = "announced6" then accept;
              if net ~ fd10::100/122 then reject;
              if net ~ fd10::/48 then accept;
              reject;
            }

            # BGPPeer good
            protocol bgp peer_192_168_1_254 {
              local 192.168.1.1 port 179 as 64512;
              neighbor 192.168.1.254 port 179 as 65001;
              multihop;
              connect delay time 2;
              connect retry time 5;
              error wait time 5, 30;
              graceful restart on;
              ipv4 {
                add paths on;
                gateway recursive;
                import filter { accept; };
                export filter {
                  if source != RTS_BGP then bgp_local_pref = 2147482623;
                  to_peers4();
                  reject;
                };
              };
            }
            ! BGPConfiguration default: spec.nodeToNodeMeshEnabled: must be true or false
            ! BGPPeer no-as: spec: asNumber is missing
            ! BGPPeer bad-address: spec.peerIP: '192.168.1' is not an IP address
            ! BGPPeer bad-port: spec.peerIP: the port must be from 1 to 65535
            ! BGPPeer both: spec: give node or nodeSelector, not both
            ! BGPPeer bad-selector: spec.peerSelector: column 8: expected a quoted string after '==', found the end
            ! BGPPeer workload: spec.localWorkloadSelector: peering with pods is not supported
            ! BGPPeer bad-time: spec.keepaliveTime: must be a duration from 1s to 65535s, such as 120s, not 'soon'
            ! BGPFilter bad-filter: spec.exportV4[0].interface: 'eth0"; reject; #' is no pattern of interface names
            ! BGPFilter bad-family: spec.exportV4[0].cidr: fd00::/8 is not of the rule's family
            ! BGPFilter bad-community: spec.importV4[0].communities.values[0]: community [70000, 1]: 70000 is not from 0 to 65535
            ! BGPFilter no-action: spec.importV6[0].action: must be Accept or Reject
            ! BGPPeer good: there is no usable BGPFilter bad-filter: the session goes without it
            ! BGPPeer no-password: key p of Secret no is not there: its sessions are not started without password
            ! BGPPeer odd-password: key p of Secret odd has a quotation mark or a control character, which BIRD cannot take
            ! BGPPeer same-again: 192.168.1.254 is a peer by BGPPeer good already
            """
                .strip());
  }
}
