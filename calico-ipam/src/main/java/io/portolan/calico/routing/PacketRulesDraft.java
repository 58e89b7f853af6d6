package io.portolan.calico.routing;

import io.portolan.calico.routing.RoutingObject.TunnelAddress;
import io.portolan.calico.routing.RoutingSnapshot.Node;
import io.portolan.calico.routing.RoutingSnapshot.Pool;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpFamily;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Collects what the packet rules follow from while the families are planned. */
final class PacketRulesDraft {
  private final RoutingSnapshot snapshot;
  private final Set<IpFamily> tunnelled = EnumSet.noneOf(IpFamily.class);
  private boolean vxlan;
  private boolean ipip;

  PacketRulesDraft(RoutingSnapshot snapshot) {
    this.snapshot = snapshot;
  }

  void vxlan(IpFamily family) {
    tunnelled.add(family);
    vxlan = true;
  }

  void ipip() {
    tunnelled.add(IpFamily.IPV4);
    ipip = true;
  }

  Optional<PacketRules> build(Collection<TunnelLink> links, Collection<RoutingObject> objects) {
    List<Cidr> nodes = new ArrayList<>();
    for (Node node : snapshot.nodes()) {
      node.addresses().values().forEach(a -> nodes.add(a.address().toCidr()));
    }
    List<Cidr> pools = snapshot.pools().stream().map(Pool::cidr).toList();
    List<Cidr> natives = new ArrayList<>(pools);
    if (snapshot.settings().natExcludesNodes()) {
      natives.addAll(nodes);
    }
    List<Cidr> senders = new ArrayList<>(nodes);
    senders.addAll(snapshot.externalNodes());
    senders.removeIf(c -> !tunnelled.contains(c.family()));
    Set<String> names = links.stream().map(TunnelLink::name).collect(Collectors.toSet());
    List<PacketRules.Tunnel> tunnels =
        objects.stream()
            .map(o ->
                o instanceof TunnelAddress(var name, var address) && names.contains(name)
                    ? new PacketRules.Tunnel(name, address)
                    : null)
            .filter(Objects::nonNull)
            .toList();
    List<Cidr> masqueraded =
        snapshot.pools().stream().filter(Pool::natOutgoing).map(Pool::cidr).toList();
    natives.removeIf(c -> !PacketRules.has(c.family(), masqueraded));
    PacketRules rules =
        new PacketRules(
            pools.stream().filter(c -> tunnelled.contains(c.family())).toList(),
            masqueraded,
            natives,
            senders,
            tunnels,
            vxlan ? snapshot.settings().port() : 0,
            ipip);
    return Optional.of(rules).filter(r -> !r.isEmpty());
  }
}
