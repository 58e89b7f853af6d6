package io.portolan.linux.route;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which routes to list; the kernel leaves the others out.
 *
 * @param family both if empty
 * @param table all if empty
 * @param protocol all if empty
 * @param link outgoing link, all if empty
 * @param type all if empty
 */
public record RouteFilter(
    Optional<AddressFamily> family,
    OptionalInt table,
    OptionalInt protocol,
    OptionalInt link,
    Optional<RouteType> type) {
  public static final RouteFilter ALL =
      new RouteFilter(
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty());

  public RouteFilter withFamily(AddressFamily value) {
    return new RouteFilter(Optional.of(value), table, protocol, link, type);
  }

  public RouteFilter withTable(int value) {
    return new RouteFilter(family, OptionalInt.of(value), protocol, link, type);
  }

  public RouteFilter withProtocol(int value) {
    return new RouteFilter(family, table, OptionalInt.of(value), link, type);
  }

  public RouteFilter withLink(int value) {
    return new RouteFilter(family, table, protocol, OptionalInt.of(value), type);
  }

  public RouteFilter withType(RouteType value) {
    return new RouteFilter(family, table, protocol, link, Optional.of(value));
  }

  List<AddressFamily> families() {
    return family.map(List::of).orElseGet(() -> List.of(AddressFamily.values()));
  }

  boolean matches(Route route) {
    return family.map(f -> f == route.family()).orElse(true)
        && (table.isEmpty() || table.getAsInt() == route.table())
        && (protocol.isEmpty() || protocol.getAsInt() == route.protocol())
        && (link.isEmpty() || link.equals(route.link()))
        && type.map(t -> t == route.type()).orElse(true);
  }
}
