package io.portolan.node.routing;

import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.common.net.MacAddress;
import io.portolan.linux.route.Address;
import io.portolan.linux.route.AddressFamily;
import io.portolan.linux.route.AddressFlag;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.Mark;
import io.portolan.linux.route.Route;
import io.portolan.linux.route.RouteBatch;
import io.portolan.linux.route.RouteTable;
import io.portolan.linux.route.Rule;
import io.portolan.linux.route.Scope;
import io.portolan.node.endpoint.Ownership;
import io.portolan.node.ipam.Supply;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What of ours is, or should be, in the kernel's routing: everything but the host routes of pods,
 * which come and go with them.
 *
 * @param addresses own addresses of secondary interfaces
 * @param routes the routes in the interfaces' tables
 * @param rules all rules of ours
 */
record RoutingState(List<Address> addresses, List<Route> routes, List<Rule> rules) {

  RoutingState {
    addresses = List.copyOf(addresses);
    routes = List.copyOf(routes);
    rules = List.copyOf(rules);
  }

  /**
   * What should be. Pure.
   *
   * @param devices index of the device that has a MAC; an interface whose device has not come yet
   *     is left out and comes with the next plan
   * @param pods addresses that pods hold
   */
  static RoutingState planned(
      Supply supply, Map<MacAddress, Integer> devices, Collection<IpAddress> pods) {
    List<Address> addresses = new ArrayList<>();
    List<Route> routes = new ArrayList<>();
    List<Rule> rules = new ArrayList<>();
    for (Supply.CloudInterface eni : supply.interfaces()) {
      Integer device = devices.get(eni.mac());
      if (EniTables.isPrimary(eni)) {
        rules.add(
            EniTables.ours(
                    Rule.lookup(AddressFamily.INET, EniTables.REPLY_BY_PRIMARY, RouteTable.MAIN))
                .withMark(new Mark(EniTables.MARK, EniTables.MARK)));
      } else if (device != null) {
        interfaceTable(eni, device, addresses, routes, rules);
      }
    }
    for (IpAddress pod : pods.stream().sorted().toList()) {
      rules.addAll(EniTables.podRules(pod, supply));
    }
    return new RoutingState(addresses, routes, rules);
  }

  private static void interfaceTable(
      Supply.CloudInterface eni,
      int device,
      List<Address> addresses,
      List<Route> routes,
      List<Rule> rules) {
    int table = EniTables.table(eni);
    eni.primaryAddress()
        .ifPresent(own -> {
          IpPrefix prefix = IpPrefix.of(own.toInetAddress());
          // Without the subnet's route in main: the primary interface owns that.
          addresses.add(Address.of(device, prefix).withFlags(Set.of(AddressFlag.NO_PREFIX_ROUTE)));
          rules.add(
              EniTables.ours(Rule.lookup(family(own), EniTables.FROM_INTERFACE, table))
                  .withFrom(prefix));
        });
    for (IpFamily family : IpFamily.values()) {
      Optional<IpAddress> gateway = eni.gateway(family);
      if (gateway.isPresent()) {
        IpPrefix hop = IpPrefix.of(gateway.get().toInetAddress());
        Route onLink = Route.to(hop).dev(device).withTable(table).withProtocol(Ownership.PROTOCOL);
        routes.add(family == IpFamily.IPV4 ? onLink.withScope(Scope.LINK) : onLink);
        routes.add(
            Route.to(family == IpFamily.IPV4 ? IpPrefix.ALL_IPV4 : IpPrefix.ALL_IPV6)
                .via(gateway.get().toInetAddress())
                .dev(device)
                .withTable(table)
                .withProtocol(Ownership.PROTOCOL)
                .withOnlink());
      }
    }
  }

  private static AddressFamily family(IpAddress address) {
    return address.isIpv4() ? AddressFamily.INET : AddressFamily.INET6;
  }

  /**
   * The changes that lead from {@code observed} to this. What is needed is made before what is no
   * longer needed goes, so that no packet meets a gap; routes before the rules that lead to them.
   */
  RouteBatch changesFrom(RoutingState observed) {
    RouteBatch batch = new RouteBatch();
    missing(addresses, observed.addresses, a -> a.link() + " " + a.prefix())
        .forEach(batch::replace);
    missing(routes, observed.routes, RoutingState::key).forEach(batch::replace);
    missing(rules, observed.rules, RoutingState::key).forEach(batch::add);
    missing(observed.rules, rules, RoutingState::key).forEach(batch::delete);
    missing(observed.routes, routes, RoutingState::key).forEach(batch::delete);
    return batch;
  }

  private static <T> List<T> missing(List<T> wanted, List<T> there, Function<T, String> key) {
    Set<String> keys = there.stream().map(key).collect(Collectors.toSet());
    return wanted.stream().filter(each -> !keys.contains(key.apply(each))).toList();
  }

  /** What tells two routes of ours apart; the kernel adds to the rest as it sees fit. */
  private static String key(Route route) {
    return route.table() + " " + route.destination() + " " + route.gateway() + " " + route.link();
  }

  private static String key(Rule rule) {
    return rule.family()
        + " "
        + rule.priority()
        + " "
        + rule.from()
        + " "
        + rule.to()
        + " "
        + rule.mark()
        + " "
        + rule.table();
  }
}
