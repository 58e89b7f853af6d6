package io.portolan.linux.route;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * A route with one next hop. Of a multipath route read from the kernel only what is outside its
 * next hops is shown.
 *
 * @param type what happens to packets
 * @param destination without host bits
 * @param gateway the next hop; may be IPv6 for an IPv4 destination
 * @param link index of the outgoing link
 * @param table from 1; {@link RouteTable}
 * @param protocol 0 to 255, who installed it; {@link RouteProtocol}
 * @param scope IPv4 only, {@link Scope#UNIVERSE} for IPv6. A route without a gateway that gateways
 *     of others lie in needs {@link Scope#LINK}
 * @param preferredSource source address of packets that have none yet
 * @param metric lower is preferred; 0 lets the kernel choose (IPv6: 1024)
 * @param onlink take the gateway as reachable on the link though no route says so
 * @param mtu of the path, if other than the link's
 */
public record Route(
    RouteType type,
    IpPrefix destination,
    Optional<InetAddress> gateway,
    OptionalInt link,
    int table,
    int protocol,
    Scope scope,
    Optional<InetAddress> preferredSource,
    int metric,
    boolean onlink,
    OptionalInt mtu)
    implements NetworkObject {

  /**
   * @throws IllegalArgumentException if the destination has host bits or a number is out of range
   */
  public Route {
    if (destination.hasHostBits()) {
      throw new IllegalArgumentException(
          "destination " + destination + " has host bits set; write " + destination.network());
    }
    gateway = gateway.map(InetBytes::withoutScope);
    preferredSource = preferredSource.map(InetBytes::withoutScope);
    if (table == 0) {
      throw new IllegalArgumentException(
          "table 0 is no table; the main table is " + RouteTable.MAIN);
    }
    if (protocol < 0 || protocol > 255) {
      throw new IllegalArgumentException("protocol " + protocol + ": a route protocol is 0 to 255");
    }
    if (link.isPresent() && link.getAsInt() <= 0) {
      throw new IllegalArgumentException("link " + link.getAsInt() + ": a link index is above 0");
    }
    if (preferredSource.isPresent()
        && AddressFamily.of(preferredSource.get()) != destination.family()) {
      throw new IllegalArgumentException(
          "preferredSource "
              + preferredSource.get().getHostAddress()
              + " is not of the family of "
              + destination);
    }
  }

  /** A unicast route of the main table; say where with {@link #via} and {@link #dev}. */
  public static Route to(IpPrefix destination) {
    return of(RouteType.UNICAST, destination);
  }

  /** A unicast route to what is on the link itself. */
  public static Route onLink(IpPrefix destination, int link) {
    Route route = to(destination).dev(link);
    return destination.family() == AddressFamily.INET ? route.withScope(Scope.LINK) : route;
  }

  /** A route that drops silently. */
  public static Route blackhole(IpPrefix destination) {
    return of(RouteType.BLACKHOLE, destination);
  }

  /** A route that sends packets on to the next rule. */
  public static Route throwOn(IpPrefix destination) {
    return of(RouteType.THROW, destination);
  }

  public static Route of(RouteType type, IpPrefix destination) {
    return new Route(
        type,
        destination,
        Optional.empty(),
        OptionalInt.empty(),
        RouteTable.MAIN,
        RouteProtocol.BOOT,
        Scope.UNIVERSE,
        Optional.empty(),
        0,
        false,
        OptionalInt.empty());
  }

  public AddressFamily family() {
    return destination.family();
  }

  public Route via(InetAddress value) {
    return with(draft -> draft.gateway = Optional.of(value));
  }

  public Route dev(int value) {
    return with(draft -> draft.link = OptionalInt.of(value));
  }

  public Route withTable(int value) {
    return with(draft -> draft.table = value);
  }

  public Route withProtocol(int value) {
    return with(draft -> draft.protocol = value);
  }

  public Route withScope(Scope value) {
    return with(draft -> draft.scope = value);
  }

  public Route withPreferredSource(InetAddress value) {
    return with(draft -> draft.preferredSource = Optional.of(value));
  }

  public Route withMetric(int value) {
    return with(draft -> draft.metric = value);
  }

  public Route withOnlink() {
    return with(draft -> draft.onlink = true);
  }

  public Route withMtu(int value) {
    return with(draft -> draft.mtu = OptionalInt.of(value));
  }

  /** Close to the words of ip-route(8), with link indexes for names. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("route ");
    if (type != RouteType.UNICAST) {
      text.append(type.name().toLowerCase(Locale.ROOT)).append(' ');
    }
    text.append(destination);
    gateway.ifPresent(g -> text.append(" via ").append(g.getHostAddress()));
    link.ifPresent(l -> text.append(" dev ").append(l));
    text.append(" table ")
        .append(Integer.toUnsignedString(table))
        .append(" proto ")
        .append(protocol);
    if (!scope.equals(Scope.UNIVERSE)) {
      text.append(" scope ").append(scope);
    }
    preferredSource.ifPresent(s -> text.append(" src ").append(s.getHostAddress()));
    if (metric != 0) {
      text.append(" metric ").append(Integer.toUnsignedString(metric));
    }
    if (onlink) {
      text.append(" onlink");
    }
    mtu.ifPresent(m -> text.append(" mtu ").append(m));
    return text.toString();
  }

  private Route with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.build();
  }

  /** All parts in fields, so that a change names the one it changes. */
  private static final class Draft {
    RouteType type;
    IpPrefix destination;
    Optional<InetAddress> gateway;
    OptionalInt link;
    int table;
    int protocol;
    Scope scope;
    Optional<InetAddress> preferredSource;
    int metric;
    boolean onlink;
    OptionalInt mtu;

    Draft(Route original) {
      type = original.type;
      destination = original.destination;
      gateway = original.gateway;
      link = original.link;
      table = original.table;
      protocol = original.protocol;
      scope = original.scope;
      preferredSource = original.preferredSource;
      metric = original.metric;
      onlink = original.onlink;
      mtu = original.mtu;
    }

    Route build() {
      return new Route(
          type,
          destination,
          gateway,
          link,
          table,
          protocol,
          scope,
          preferredSource,
          metric,
          onlink,
          mtu);
    }
  }
}
