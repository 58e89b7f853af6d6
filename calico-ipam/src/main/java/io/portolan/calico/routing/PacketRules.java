package io.portolan.calico.routing;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import java.util.List;

/**
 * What is done to packets besides routing them. Lists hold both families, joined and in order; a
 * family that has none in a list has no such rule.
 *
 * @param pods sources that may not send tunnel packets themselves
 * @param masqueraded sources that appear with the node's address to all but {@code natives}
 * @param natives destinations that see the pod's own address
 * @param senders who may send tunnel packets to this node
 * @param tunnels devices by which the node's own packets leave with the device's address only:
 *     answers to another would come back outside the tunnel
 * @param vxlanPort UDP port that only senders may use; 0 without VXLAN
 * @param ipip whether IP protocol 4 is for senders only
 */
public record PacketRules(
    List<Cidr> pods,
    List<Cidr> masqueraded,
    List<Cidr> natives,
    List<Cidr> senders,
    List<Tunnel> tunnels,
    int vxlanPort,
    boolean ipip) {
  public PacketRules {
    pods = Cidr.merge(pods);
    masqueraded = Cidr.merge(masqueraded);
    natives = Cidr.merge(natives);
    senders = Cidr.merge(senders);
    tunnels = List.copyOf(tunnels);
  }

  /** What is there though nobody knows what it is; it can be replaced only. */
  public static final PacketRules UNKNOWN =
      new PacketRules(List.of(), List.of(), List.of(), List.of(), List.of(), -1, false);

  /** A tunnel device and its address. */
  public record Tunnel(String device, IpAddress address) {}

  boolean isEmpty() {
    return masqueraded.isEmpty() && senders.isEmpty();
  }

  static List<Cidr> of(IpFamily family, List<Cidr> blocks) {
    return blocks.stream().filter(c -> c.family() == family).toList();
  }

  static boolean has(IpFamily family, List<Cidr> blocks) {
    return blocks.stream().anyMatch(c -> c.family() == family);
  }

  /** Whether the same rules do, with other elements in their sets. */
  public boolean sameShapeAs(PacketRules other) {
    boolean same =
        tunnels.equals(other.tunnels) && vxlanPort == other.vxlanPort && ipip == other.ipip;
    for (IpFamily family : IpFamily.values()) {
      same &= has(family, masqueraded) == has(family, other.masqueraded);
      same &= has(family, senders) == has(family, other.senders);
    }
    return same;
  }

  @Override
  public String toString() {
    return "rules masqueraded "
        + masqueraded
        + " natives "
        + natives
        + "\n      pods "
        + pods
        + " senders "
        + senders
        + "\n      tunnels "
        + tunnels.stream().map(t -> t.device() + " " + t.address()).toList()
        + (vxlanPort == 0 ? "" : " vxlan " + vxlanPort)
        + (ipip ? " ipip" : "");
  }
}
