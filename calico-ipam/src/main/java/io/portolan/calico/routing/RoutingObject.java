package io.portolan.calico.routing;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.MacAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Something in the kernel besides devices; devices are named, as they may not exist yet. */
public sealed interface RoutingObject {

  /** What the kernel can hold once only: under one key a change replaces. */
  String key();

  /** The device it disappears with. */
  Optional<String> device();

  /**
   * A setting below {@code /proc/sys/net}. It stays when nobody wants it any more: what it was
   * before is not known.
   *
   * @param path its segments
   * @param value what it is set to
   * @param alsoFine values it may have instead
   * @param device the device it is of; empty if of none that is made here
   */
  record Setting(List<String> path, String value, Set<String> alsoFine, Optional<String> device)
      implements RoutingObject {
    public Setting {
      path = List.copyOf(path);
      alsoFine = Set.copyOf(alsoFine);
    }

    /** The segments may hold dots themselves. */
    @Override
    public String key() {
      return "setting " + String.join("/", path);
    }

    @Override
    public String toString() {
      return key() + " = " + value;
    }
  }

  /** The address of a tunnel device, alone on it. */
  record TunnelAddress(String name, IpAddress address) implements RoutingObject {
    @Override
    public String key() {
      return "address " + address + " dev " + name;
    }

    @Override
    public Optional<String> device() {
      return Optional.of(name);
    }

    @Override
    public String toString() {
      return key();
    }
  }

  /** A tunnel address of another node and the MAC address behind it, never asked for. */
  record TunnelNeighbor(String name, IpAddress address, MacAddress mac) implements RoutingObject {
    @Override
    public String key() {
      return "neighbour " + address + " dev " + name;
    }

    @Override
    public Optional<String> device() {
      return Optional.of(name);
    }

    @Override
    public String toString() {
      return key() + " lladdr " + mac;
    }
  }

  /** The node that packets for a MAC address are sent to. */
  record TunnelEntry(String name, MacAddress mac, IpAddress node) implements RoutingObject {
    @Override
    public String key() {
      return "fdb " + mac + " dev " + name;
    }

    @Override
    public Optional<String> device() {
      return Optional.of(name);
    }

    @Override
    public String toString() {
      return key() + " dst " + node;
    }
  }

  /**
   * A route to a block or an address of another node.
   *
   * @param via empty if the destination is on the device itself
   */
  record ClusterRoute(Cidr destination, Optional<IpAddress> via, String name)
      implements RoutingObject {
    @Override
    public String key() {
      return "route " + destination;
    }

    @Override
    public Optional<String> device() {
      return Optional.of(name);
    }

    @Override
    public String toString() {
      return key()
          + via.map(v -> " via " + v).orElse("")
          + " dev "
          + name
          + (via.isPresent() ? " onlink" : "");
    }
  }

  /** Unused addresses of the own blocks go nowhere, or they would circle by the default route. */
  record Blackhole(Cidr destination) implements RoutingObject {
    @Override
    public String key() {
      return "route " + destination;
    }

    @Override
    public Optional<String> device() {
      return Optional.empty();
    }

    @Override
    public String toString() {
      return "route blackhole " + destination;
    }
  }
}
