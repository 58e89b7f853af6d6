package io.portolan.policy.agent;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.policy.model.PodName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How other plugins wire pods: the real ones of the CNI project where they are installed, and what
 * the clouds' plugins leave behind, by hand.
 */
enum ForeignWiring {
  /** Calico's: a route by a veth that answers for 169.254.1.1. */
  CALICO("cali"),
  /** Amazon's, on the first network card. */
  AMAZON("eni"),
  /** Amazon's, on another network card: its own table for what pods send. */
  AMAZON_SECONDARY("eni"),
  /** Amazon's, for pods with security groups, strict: no route in the main table. */
  AMAZON_SECURITY_GROUPS("vlan"),
  /** Azure's in transparent mode. */
  AZURE("azv"),
  /** Google's: the gateway's address on each veth; with intranode visibility's marks. */
  GKE("gke"),
  /** The CNI project's ptp. */
  PTP("veth"),
  /** The CNI project's bridge, as flannel and kubenet use it, without br_netfilter. */
  BRIDGE("veth"),
  /** The same with br_netfilter. */
  BRIDGE_NETFILTER("veth");

  private static final Path PLUGINS =
      Path.of(System.getProperty("portolan.cni.plugins", "/usr/lib/cni"));

  private final String prefix;

  ForeignWiring(String prefix) {
    this.prefix = prefix;
  }

  boolean isBridge() {
    return this == BRIDGE || this == BRIDGE_NETFILTER;
  }

  private boolean isPlugin() {
    return isBridge() || this == PTP;
  }

  boolean isAvailable() {
    return !isPlugin() || Files.isExecutable(PLUGINS.resolve("ptp"));
  }

  /** What the plugin's daemon configures on a node once. */
  void prepare(NetworkLab lab) {
    String netfilter = this == BRIDGE_NETFILTER ? "1" : "0";
    String script =
        switch (this) {
          case AMAZON_SECONDARY ->
              """
              ip link add eth1 type dummy && ip link set eth1 up
              ip route add 192.168.0.1 dev eth1 table 2
              # The network behind both cards is one, and eth1 a stand-in without a cable.
              ip route add default via 10.9.0.1 dev eth0 onlink table 2
              ip -6 route add default via fd00:9::1 dev eth0 onlink table 2
              ip rule add priority 1024 fwmark 0x80/0x80 lookup main
              """;
          case GKE ->
              """
              iptables -t mangle -A PREROUTING -j CONNMARK --restore-mark
              iptables -t mangle -A POSTROUTING -m mark --mark 0x4000/0x4000 \
                -j CONNMARK --save-mark
              sysctl -q -w net.ipv4.conf.all.src_valid_mark=1
              ip route add default via 10.9.0.1 dev eth0 onlink table 1
              ip rule add priority 30000 fwmark 0x4000/0x4000 lookup main
              ip rule add priority 30001 iif lo lookup main
              ip rule add priority 30002 not iif eth0 lookup 1
              """;
          case BRIDGE, BRIDGE_NETFILTER ->
              """
              sysctl -q -w net.bridge.bridge-nf-call-iptables=%s \
                net.bridge.bridge-nf-call-ip6tables=%s
              """
                  .formatted(netfilter, netfilter);
          case CALICO, AMAZON, AMAZON_SECURITY_GROUPS, AZURE, PTP -> "";
        };
    NetworkLab.run(
        lab.node(),
        "sh",
        "-c",
        script
            + """
            iptables -t nat -A POSTROUTING -m comment --comment theirs -s 10.244.0.0/16 \
              -d 203.0.113.0/24 -j MASQUERADE
            nft add table inet theirs
            nft add chain inet theirs forward '{ type filter hook forward priority 0; }'
            nft add rule inet theirs forward counter
            """);
  }

  /** Wires a container as the pod of a namespace and name. */
  Host wire(NetworkLab lab, NetworkNamespace container, String pod, int number) {
    return isPlugin() ? byPlugin(lab, container, pod) : byHand(lab, container, pod, number);
  }

  private Host byHand(NetworkLab lab, NetworkNamespace container, String pod, int number) {
    String link = prefix + PodLinkName.of(new PodName("shop", pod)).digits();
    String four = "10.244.1." + number;
    String six = "fd00:244:1::" + number;
    String mac = "ee:ee:ee:ee:ee:ee";
    String gateway = this == GKE ? "10.244.1.1" : "169.254.1.1";
    String table = this == AMAZON_SECURITY_GROUPS ? " table " + (100 + number) : "";
    StringBuilder outside = new StringBuilder("set -e\n");
    outside.append("ip link add ").append(link).append(" address ").append(mac);
    outside.append(" type veth peer name eth0 netns ").append(container.descriptorPath());
    outside.append("\nip link set ").append(link).append(" up\n");
    outside.append("ip addr replace fe80::1/128 dev ").append(link).append(" nodad\n");
    if (this == CALICO || this == AZURE) {
      outside.append("sysctl -q -w net.ipv4.conf.").append(link).append(".proxy_arp=1\n");
    }
    if (this == GKE) {
      outside.append("ip addr add 10.244.1.1/32 dev ").append(link).append("\n");
    }
    outside.append("ip route replace ").append(four).append("/32 dev ").append(link);
    outside.append(" scope link").append(table).append("\n");
    outside.append("ip -6 route replace ").append(six).append("/128 dev ").append(link);
    outside.append(table).append("\n");
    for (String family : List.of("-4", "-6")) {
      String address = family.equals("-4") ? four : six;
      String ip = "ip " + family + " rule add ";
      switch (this) {
        case AMAZON, AMAZON_SECONDARY -> {
          outside.append(ip).append("priority 512 to ").append(address).append(" lookup main\n");
          if (this == AMAZON_SECONDARY) {
            outside.append(ip).append("priority 1536 from ").append(address);
            outside.append(" lookup 2\n");
          }
        }
        case AMAZON_SECURITY_GROUPS -> {
          // Strict: also what pods of one node say to each other takes the network. The branch's
          // VLAN, by which it comes back, is eth0 here, which others come back by, too.
          outside.append(ip).append("priority 10 iif ").append(link);
          outside.append(" lookup ").append(100 + number).append("\n");
          for (String from : List.of("eth0", "lo")) {
            outside.append(ip).append("priority 10 iif ").append(from).append(" to ");
            outside.append(address).append(" lookup ").append(100 + number).append("\n");
          }
          String router = family.equals("-4") ? "10.9.0.1" : "fd00:9::1";
          outside.append("ip ").append(family).append(" route replace default via ");
          outside.append(router).append(" dev eth0 onlink").append(table).append("\n");
        }
        case CALICO, AZURE, GKE, PTP, BRIDGE, BRIDGE_NETFILTER -> {}
      }
    }
    NetworkLab.run(
        container,
        "sh",
        "-c",
        "ip link set lo up && sysctl -q -w net.ipv6.conf.default.accept_dad=0");
    NetworkLab.run(lab.node(), "sh", "-c", outside.toString());
    NetworkLab.run(
        container,
        "sh",
        "-c",
        """
        set -e
        sysctl -q -w net.ipv6.conf.eth0.accept_dad=0
        ip link set eth0 up
        ip addr add %1$s/32 dev eth0
        ip addr add %2$s/128 dev eth0 nodad
        ip route add %3$s dev eth0 scope link
        ip route add default via %3$s dev eth0
        ip neigh replace %3$s lladdr %4$s dev eth0 nud permanent
        ip -6 route add default via fe80::1 dev eth0 onlink
        ip neigh replace fe80::1 lladdr %4$s dev eth0 nud permanent
        """
            .formatted(four, six, gateway, mac));
    return new Host(container, link, List.of(IpAddress.parse(four), IpAddress.parse(six)));
  }

  private Host byPlugin(NetworkLab lab, NetworkNamespace container, String pod) {
    NetworkLab.run(
        container,
        "sh",
        "-c",
        "ip link set lo up && sysctl -q -w net.ipv6.conf.default.accept_dad=0");
    String result = plugin(lab, container, pod, "ADD");
    List<IpAddress> addresses =
        Pattern.compile("\"address\": *\"([0-9a-f.:]+)/\\d+\"")
            .matcher(result)
            .results()
            .map(match -> IpAddress.parse(match.group(1)))
            .toList();
    return new Host(container, isBridge() ? "cni0" : "?", addresses);
  }

  /** Takes the pod off the network, as the plugin does. */
  void unwire(NetworkLab lab, Host host, String pod) {
    if (isPlugin()) {
      plugin(lab, host.namespace(), pod, "DEL");
    } else {
      NetworkLab.run(lab.node(), "ip", "link", "del", host.hostInterface());
    }
  }

  private String plugin(NetworkLab lab, NetworkNamespace container, String pod, String command) {
    String type = isBridge() ? "bridge" : "ptp";
    String configuration =
        """
        {"cniVersion": "1.0.0", "name": "theirs", "type": "%s", "bridge": "cni0",
         "isGateway": true, "isDefaultGateway": true, "hairpinMode": true, "ipMasq": false,
         "ipam": {"type": "host-local", "dataDir": "%s",
          "ranges": [[{"subnet": "10.244.1.0/24"}], [{"subnet": "fd00:244:1::/64"}]],
          "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}}
        """
            .formatted(type, lab.directory().resolve("ipam"));
    configuration =
        isBridge()
            ? configuration.replaceAll("(?s),\\s*\"routes\".*\\]\\}\\}", "}}")
            : configuration.replace("\"isDefaultGateway\": true, ", "");
    try {
      Path file = lab.directory().resolve(pod + ".json");
      Files.writeString(file, configuration, StandardCharsets.UTF_8);
      return NetworkLab.run(
          lab.node(),
          "sh",
          "-c",
          "CNI_COMMAND=%s CNI_CONTAINERID=%s CNI_NETNS=%s CNI_IFNAME=eth0 CNI_PATH=%s %s < %s"
              .formatted(
                  command, pod, container.descriptorPath(), PLUGINS, PLUGINS.resolve(type), file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
