package io.portolan.policy.cases;

import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.Condition;
import io.portolan.policy.model.End;
import io.portolan.policy.model.EndpointSlice;
import io.portolan.policy.model.Match;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyRule;
import io.portolan.policy.model.Protocol;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The destination ports that clusters speak of: those of containers and endpoints, the bounds of
 * those in policies, and for each protocol one that nobody names.
 */
final class NamedServices {
  private static final int LAST_PORT = 65_535;

  private final TreeMap<Protocol, List<Match.Port>> ports = new TreeMap<>();

  private NamedServices() {
    ports.put(Protocol.TCP, new ArrayList<>());
  }

  /**
   * @param port unused with a protocol that has none
   */
  record Service(Protocol protocol, int port) {}

  static List<Service> of(List<ClusterState> states) {
    NamedServices services = new NamedServices();
    for (ClusterState state : states) {
      state
          .pods()
          .values()
          .forEach(pod ->
              pod.ports()
                  .forEach(port ->
                      Protocol.named(port.protocol())
                          .ifPresent(
                              protocol -> services.add(protocol, port.port(), port.port()))));
      state
          .facts()
          .values()
          .forEach(fact -> {
            if (fact.seen() instanceof ClusterChange.PolicySeen(Policy policy)) {
              services.add(policy);
            }
            if (fact.seen() instanceof ClusterChange.EndpointSliceSeen(EndpointSlice slice)) {
              slice.ports().forEach(p -> services.add(p.protocol(), p.number(), p.number()));
            }
          });
    }
    return services.list();
  }

  private void add(Policy policy) {
    for (PolicyRule rule :
        Stream.concat(policy.egress().stream(), policy.ingress().stream()).toList()) {
      for (Condition condition : rule.all()) {
        condition.any().forEach(this::add);
      }
    }
  }

  private void add(Match match) {
    switch (match) {
      case Match.Port(End end, Protocol protocol, int from, int to) -> {
        if (end == End.DESTINATION) {
          add(protocol, from, to);
        }
      }
      case Match.Whole(Protocol protocol) ->
          ports.computeIfAbsent(protocol, _ -> new ArrayList<>());
      case Match.NamedPort(_, Protocol protocol, _) ->
          ports.computeIfAbsent(protocol, _ -> new ArrayList<>());
      case Match.Icmp icmp -> ports.computeIfAbsent(icmp.protocol(), _ -> new ArrayList<>());
      case Match.Anything _,
          Match.Family _,
          Match.Selected _,
          Match.Block _,
          Match.Nodes _,
          Match.Service _,
          Match.Domains _ -> {}
    }
  }

  private void add(Protocol protocol, int from, int to) {
    ports
        .computeIfAbsent(protocol, _ -> new ArrayList<>())
        .add(new Match.Port(End.DESTINATION, protocol, from, to));
  }

  private List<Service> list() {
    List<Service> services = new ArrayList<>();
    ports.forEach((protocol, ranges) -> {
      TreeSet<Integer> numbers = new TreeSet<>();
      if (Probe.hasPorts(protocol)) {
        for (Match.Port range : ranges) {
          numbers.add(range.from());
          numbers.add(range.to());
        }
        unnamed(ranges).forEach(numbers::add);
      } else {
        numbers.add(0);
      }
      numbers.forEach(number -> services.add(new Service(protocol, number)));
    });
    return services;
  }

  /** The last port outside all ranges; none if they cover everything. */
  private static List<Integer> unnamed(List<Match.Port> ranges) {
    int candidate = LAST_PORT;
    // From the top: a range that reaches the candidate moves it below itself.
    for (Match.Port range :
        ranges.stream().sorted(Comparator.comparingInt(Match.Port::to).reversed()).toList()) {
      if (range.from() <= candidate && candidate <= range.to()) {
        candidate = range.from() - 1;
      }
    }
    return candidate > 0 ? List.of(candidate) : List.of();
  }
}
