package io.portolan.calico.routing;

import io.portolan.common.net.IpAddress;
import io.portolan.common.net.MacAddress;

/** A tunnel device, up and marked as ours unless it says otherwise. */
public sealed interface TunnelLink {
  /** Calico's names: tools and habits of its users fit, and its devices are taken over. */
  String VXLAN_IPV4 = "vxlan.calico";

  String VXLAN_IPV6 = "vxlan-v6.calico";

  String IPIP = "tunl0";

  String name();

  /** Whether a device like {@code other} becomes this one without being made anew. */
  boolean adjustableFrom(TunnelLink other);

  /**
   * A VXLAN device that learns nothing.
   *
   * @param local source of tunnel packets
   * @param parent name of the device they leave by
   * @param mtu in bytes
   * @param ready up and marked as ours
   */
  record Vxlan(
      String name,
      int vni,
      int port,
      IpAddress local,
      String parent,
      MacAddress mac,
      int mtu,
      boolean ready)
      implements TunnelLink {
    @Override
    public boolean adjustableFrom(TunnelLink other) {
      return other instanceof Vxlan v
          && v.equals(new Vxlan(name, vni, port, local, parent, mac, v.mtu, v.ready));
    }

    @Override
    public String toString() {
      return "link "
          + name
          + " vxlan id "
          + vni
          + " dstport "
          + port
          + " local "
          + local
          + " dev "
          + parent
          + " address "
          + mac
          + " mtu "
          + mtu
          + (ready ? "" : " not ready");
    }
  }

  /**
   * The device without ends of its own: routes name them.
   *
   * @param mtu in bytes
   * @param ready up and marked as ours
   */
  record Ipip(String name, int mtu, boolean ready) implements TunnelLink {
    @Override
    public boolean adjustableFrom(TunnelLink other) {
      return other instanceof Ipip i && i.name.equals(name);
    }

    @Override
    public String toString() {
      return "link " + name + " ipip mtu " + mtu + (ready ? "" : " not ready");
    }
  }

  /** A device that has the name and is something else; it has to go. */
  record Unusable(String name) implements TunnelLink {
    @Override
    public boolean adjustableFrom(TunnelLink other) {
      return false;
    }

    @Override
    public String toString() {
      return "link " + name + " unusable";
    }
  }
}
