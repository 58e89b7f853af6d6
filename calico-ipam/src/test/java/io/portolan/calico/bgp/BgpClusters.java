package io.portolan.calico.bgp;

import io.portolan.calico.bgp.BgpSnapshot.Service;
import io.portolan.common.net.IpAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Clusters that together use everything that is rendered. */
final class BgpClusters {
  private BgpClusters() {}

  static Map<String, BgpCluster> all() {
    Map<String, BgpCluster> all = new LinkedHashMap<>();
    all.put("mesh", mesh());
    all.put("reflectors", reflectors());
    all.put("routers", routers());
    all.put("filters", filters());
    all.put("services", services());
    all.put("mistakes", mistakes());
    all.put("nothing", new BgpCluster());
    return all;
  }

  private static BgpCluster threeNodes() {
    return new BgpCluster()
        .node("node1", Map.of("rack", "a"), "192.168.1.1", "fd00:1::1")
        .node("node2", Map.of("rack", "a"), "192.168.1.2")
        .node("node3", Map.of("rack", "b"), "192.168.2.3", "fd00:2::3")
        .pool("10.0.0.0/16", true, false)
        .pool("fd10::/48", true, false)
        .block("10.0.1.0/26")
        .block("fd10::100/122");
  }

  static BgpCluster mesh() {
    return threeNodes()
        .pool("10.1.0.0/16", false, false)
        .pool("10.2.0.0/16", true, true)
        .borrowed("10.0.2.7")
        .password("bgp", "mesh", "secret words")
        .configuration(
            """
            {asNumber: 64600, nodeMeshPassword: {secretKeyRef: {name: bgp, key: mesh}},
             nodeMeshMaxRestartTime: '2m30s', bindMode: 'NodeIP', ignoredInterfaces: ['docker*'],
             communities: [{name: 'own', value: '65000:7'}],
             prefixAdvertisements: [{cidr: '10.0.0.0/16', communities: ['own', '65000:1:2']}]}
            """
                .replace("name: bgp, key: mesh", "name: 'bgp', key: 'mesh'"));
  }

  /** Node 1 is a route reflector for the others, node 4 another of the same cluster. */
  static BgpCluster reflectors() {
    return new BgpCluster()
        .reflector("node1", "224.0.0.1", "192.168.1.1")
        .reflector("node4", "224.0.0.1", "192.168.1.4")
        .node("node2", Map.of(), "192.168.1.2")
        .node("node3", Map.of(), "192.168.2.3")
        .pool("10.0.0.0/16", true, false)
        .block("10.0.1.0/26")
        .configuration(
            "{nodeToNodeMeshEnabled: false, serviceLoadBalancerIPs: [{cidr: '198.51.100.0/24'}]}")
        .peer("clients", "{nodeSelector: '!has(reflector)', peerSelector: 'has(reflector)'}")
        .peer("reflectors", "{nodeSelector: 'has(reflector)', peerSelector: 'has(reflector)'}");
  }

  static BgpCluster routers() {
    return threeNodes()
        .node("node4", Map.of("rack", "a"), OptionalLong.of(65004), Optional.empty(), "192.168.1.4")
        .password("tor", "a", "p")
        .configuration("{nodeToNodeMeshEnabled: false, listenPort: 1790}")
        .peer(
            "rack-a",
            """
            {nodeSelector: "rack == 'a'", peerIP: '192.168.1.254', asNumber: '1.10',
             password: {secretKeyRef: {name: 'tor', key: 'a'}}, maxRestartTime: '60s',
             keepaliveTime: '10s', numAllowedLocalASNumbers: 2, nextHopMode: 'Self'}
            """)
        .peer(
            "far",
            """
            {node: 'node1', peerIP: '203.0.113.9:1179', asNumber: 65100, ttlSecurity: 3,
             sourceAddress: 'None', reachableBy: '192.168.1.253', localASNumber: 65010,
             keepOriginalNextHop: true}
            """)
        .peer("six", "{node: 'node1', peerIP: '[fd00:1::ff]:179', asNumber: 65100}")
        .peer("rack-b", "{nodeSelector: \"rack == 'b'\", peerIP: '192.168.2.254', asNumber: 65002}")
        .peer("neighbour", "{node: 'node1', peerIP: '192.168.1.4', asNumber: 65004}");
  }

  static BgpCluster filters() {
    return threeNodes()
        .configuration("{nodeToNodeMeshEnabled: false}")
        .filter(
            "everything",
            """
            {exportV4: [
               {action: 'Reject', cidr: '10.0.0.0/16', matchOperator: 'In', source: 'RemotePeers',
                prefixLength: {min: 24, max: 28}},
               {action: 'Accept', cidr: '10.9.0.0/16', matchOperator: 'Equal', peerType: 'eBGP',
                operations: [{addCommunity: {value: '65000:9'}}, {addCommunity: {value: '1:2:3'}},
                             {prependASPath: {prefix: [65001, 65002]}},
                             {setPriority: {value: 512}}]},
               {action: 'Reject', interface: 'eth*', cidr: '10.8.0.0/16', matchOperator: 'NotEqual',
                peerType: 'iBGP'}],
             importV4: [
               {action: 'Reject', communities: {values: ['65000:666']}},
               {action: 'Reject', communities: {values: ['65000:6:66']}, asPathPrefix: [65001, 65002]},
               {action: 'Accept', priority: 512},
               {action: 'Reject', cidr: '10.0.0.0/8', matchOperator: 'NotIn'}],
             importV6: [{action: 'Reject', cidr: 'fd99::/16', matchOperator: 'In'}]}
            """)
        .filter(
            "a-name-that-is-longer-than-what-bird-takes-as-a-symbol-of-its-language",
            "{exportV4: [{action: 'Accept'}]}")
        .peer(
            "router",
            """
            {peerIP: '192.168.1.254', asNumber: 65001, filters: ['everything',
             'a-name-that-is-longer-than-what-bird-takes-as-a-symbol-of-its-language', 'missing']}
            """)
        .peer("six", "{peerIP: 'fd00:1::ff', asNumber: 64512, filters: ['everything']}");
  }

  static BgpCluster services() {
    return threeNodes()
        .configuration(
            """
            {nodeToNodeMeshEnabled: false, serviceClusterIPs: [{cidr: '10.96.0.0/12'}],
             serviceExternalIPs: [{cidr: '203.0.113.0/24'}, {cidr: '203.0.114.1/32'}],
             serviceLoadBalancerIPs: [{cidr: '198.51.100.0/24'}, {cidr: '198.51.101.5/32'}]}
            """)
        .peer("router", "{peerIP: '192.168.1.254', asNumber: 65001}")
        .service(service("local-here", "10.96.0.1", "203.0.113.1", "198.51.100.1", true, true))
        .service(service("local-there", "10.96.0.2", "203.0.113.2", "198.51.100.2", true, false))
        .service(service("cluster", "10.96.0.3", "203.0.113.3", "198.51.100.3", false, true))
        .service(service("single", "10.96.0.4", "203.0.113.4", "198.51.101.5", false, true))
        .service(service("outside", "10.96.0.5", "192.0.2.5", "192.0.2.6", true, true));
  }

  private static Service service(
      String name, String cluster, String external, String balancer, boolean local, boolean here) {
    return new Service(
        "shop/" + name,
        addresses(cluster),
        addresses(external),
        addresses(balancer),
        true,
        local,
        here,
        true);
  }

  private static List<IpAddress> addresses(String... texts) {
    return Stream.of(texts).map(IpAddress::parse).toList();
  }

  /** Each is rejected, or goes without what it lacks, and the good one stays. */
  static BgpCluster mistakes() {
    return threeNodes()
        .configuration("{nodeToNodeMeshEnabled: 'yes'}")
        .configuration("{nodeToNodeMeshEnabled: false}")
        .password("odd", "p", "quote\"; protocol evil {}")
        .peer("good", "{peerIP: '192.168.1.254', asNumber: 65001, filters: ['bad-filter']}")
        .peer("same-again", "{peerIP: '192.168.1.254', asNumber: 65009}")
        .peer("no-as", "{peerIP: '192.168.1.250'}")
        .peer("bad-address", "{peerIP: '192.168.1', asNumber: 1}")
        .peer("bad-port", "{peerIP: '192.168.1.9:99999', asNumber: 1}")
        .peer("both", "{peerIP: '192.168.1.9', asNumber: 1, node: 'a', nodeSelector: 'all()'}")
        .peer("bad-selector", "{peerSelector: 'rack =='}")
        .peer("workload", "{localWorkloadSelector: 'all()', asNumber: 1}")
        .peer("bad-time", "{peerIP: '192.168.1.9', asNumber: 1, keepaliveTime: 'soon'}")
        .peer(
            "odd-password",
            "{peerIP: '192.168.1.8', asNumber: 1, password: {secretKeyRef: {name: 'odd', key:"
                + " 'p'}}}")
        .peer(
            "no-password",
            "{peerIP: '192.168.1.7', asNumber: 1, password: {secretKeyRef: {name: 'no', key:"
                + " 'p'}}}")
        .filter("bad-filter", "{exportV4: [{action: 'Accept', interface: 'eth0\"; reject; #'}]}")
        .filter("bad-family", "{exportV4: [{action: 'Accept', cidr: 'fd00::/8'}]}")
        .filter(
            "bad-community", "{importV4: [{action: 'Reject', communities: {values: ['70000:1']}}]}")
        .filter("no-action", "{importV6: [{cidr: 'fd00::/8', matchOperator: 'In'}]}");
  }
}
