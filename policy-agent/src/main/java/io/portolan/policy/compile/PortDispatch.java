package io.portolan.policy.compile;

import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftVerdict;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.nft.DesiredTable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Many policies in a row that only allow, so that it does not matter which is asked first: a
 * verdict map leads from a connection's protocol and port to those that have a rule for it, and a
 * connection does not meet the others.
 *
 * <pre>
 *   meta l4proto . ct reply proto-src vmap @…/ports     tcp . 80 : jump np/shop/web/ingress
 *   jump np/shop/any-port/ingress                       tcp . 81 : jump …/ports/tcp/81 → jump …, jump …
 * </pre>
 *
 * <p>Aside, behind the map, are the policies that look at no port or at too many, and those of a
 * port that a large part of them all share: of those most connections would have to ask most
 * anyway, and each port would have a chain that leads to all. So there are at most so many rules as
 * policies and their ports, and which policies are aside depends on what the policies say, not on
 * how they came to.
 *
 * <p>An edited policy costs the elements and the short chains of the ports that it had and has.
 */
final class PortDispatch {
  private final DesiredTable table;
  private final Limits limits;
  private final String name;
  private final List<PolicyId> policies;

  /** Of the policies, by place. */
  private final List<String> chains;

  private final Direction direction;
  private final Map<PolicyId, Integer> places = new HashMap<>();

  /** By place; empty of policies that are always asked. */
  private final List<Optional<SortedSet<ServicePort>>> ports = new ArrayList<>();

  /** The places of those that have a rule for a port, whether or not they are aside. */
  private final TreeMap<ServicePort, TreeSet<Integer>> holders = new TreeMap<>();

  private final BitSet aside = new BitSet();

  /** The ports that are in the map. */
  private final TreeSet<ServicePort> led = new TreeSet<>();

  /**
   * What is worth it.
   *
   * @param wide from how many policies on there is a dispatch at all
   * @param ports the most that a policy may have without being aside
   * @param crowd how many policies may share a port in any case; more may if they are no more than
   *     an eighth of all
   */
  record Limits(int wide, int ports, int crowd) {
    /** Measured: a policy that is passed by costs 0.1 to 0.2 µs, the map as much as one or two. */
    static final Limits DEFAULT = new Limits(8, 16, 4);
  }

  /**
   * @param name of the map, and what those of chains begin with
   * @param policies in the order they are asked as far as that can be
   * @param portsOf the ports outside of which a policy matches nothing; empty if it may match any
   */
  PortDispatch(
      DesiredTable table,
      Limits limits,
      String name,
      Direction direction,
      List<PolicyId> policies,
      Function<PolicyId, Optional<SortedSet<ServicePort>>> portsOf) {
    this.table = table;
    this.limits = limits;
    this.name = name;
    this.direction = direction;
    this.policies = policies;
    this.chains =
        policies.stream()
            .map(policy -> Naming.policyChain(policy, direction, Optional.empty()))
            .toList();
    for (int place = 0; place < policies.size(); place++) {
      places.put(policies.get(place), place);
      ports.add(portsOf.apply(policies.get(place)));
      hold(place, ports.get(place));
    }
    for (int place = 0; place < policies.size(); place++) {
      aside.set(place, isAside(place));
    }
    holders.keySet().forEach(this::lead);
  }

  boolean asks(PolicyId policy, Direction asked) {
    return asked == direction && places.containsKey(policy);
  }

  /** The policies if the map or one of the chains is its own; else none. */
  List<PolicyId> behind(String chainOrSet) {
    return chainOrSet.equals(name) || chainOrSet.startsWith(name + "/") ? policies : List.of();
  }

  /** What a class's chain holds in the place of all the policies. */
  List<NftRule> rules() {
    List<NftRule> rules = new ArrayList<>();
    if (!led.isEmpty()) {
      rules.add(NftRule.of(new NftStatement.VerdictMap(ServicePort.KEY, name)));
    }
    aside.stream().forEach(place -> rules.add(NftRule.of(NftStatement.jump(chains.get(place)))));
    return rules;
  }

  /**
   * A policy has other rules.
   *
   * @return whether {@link #rules} are others now
   */
  boolean edit(PolicyId policy, Optional<SortedSet<ServicePort>> now) {
    int place = Objects.requireNonNull(places.get(policy));
    Optional<SortedSet<ServicePort>> before = ports.get(place);
    if (before.equals(now)) {
      return false;
    }
    Object asideBefore = aside.clone();
    boolean ledBefore = !led.isEmpty();
    TreeSet<ServicePort> stale = new TreeSet<>();
    before.ifPresent(stale::addAll);
    now.ifPresent(stale::addAll);
    Map<ServicePort, Boolean> crowdedBefore = new HashMap<>();
    stale.forEach(port -> crowdedBefore.put(port, isCrowded(port)));
    before.ifPresent(old -> old.forEach(port -> release(place, port)));
    hold(place, now);
    ports.set(place, now);
    // Where a port became one of too many policies, or is no more, they change sides.
    TreeSet<Integer> concerned = new TreeSet<>(List.of(place));
    crowdedBefore.forEach((port, crowded) -> {
      if (crowded != isCrowded(port)) {
        concerned.addAll(holders.getOrDefault(port, new TreeSet<>()));
      }
    });
    for (int other : concerned) {
      aside.set(other, isAside(other));
      ports.get(other).ifPresent(stale::addAll);
    }
    stale.forEach(this::lead);
    return !asideBefore.equals(aside) || ledBefore == led.isEmpty();
  }

  /** Takes away what it put into the table. */
  void remove() {
    for (ServicePort port : led) {
      table.removeChain(chain(port));
    }
    if (!led.isEmpty()) {
      table.removeSet(name);
    }
  }

  private void hold(int place, Optional<SortedSet<ServicePort>> some) {
    some.ifPresent(held ->
        held.forEach(port -> holders.computeIfAbsent(port, _ -> new TreeSet<>()).add(place)));
  }

  private void release(int place, ServicePort port) {
    holders.computeIfPresent(
        port,
        (_, all) -> {
          all.remove(place);
          return all.isEmpty() ? null : all;
        });
  }

  private boolean isCrowded(ServicePort port) {
    TreeSet<Integer> all = holders.get(port);
    return all != null && all.size() > Math.max(limits.crowd(), policies.size() / 8);
  }

  private boolean isAside(int place) {
    return ports.get(place).map(held -> held.stream().anyMatch(this::isCrowded)).orElse(true);
  }

  /** Brings the map, and the chain if it takes one, in step with who is to be asked at a port. */
  private void lead(ServicePort port) {
    List<String> asked =
        holders.getOrDefault(port, new TreeSet<>()).stream()
            .filter(place -> !aside.get(place))
            .map(chains::get)
            .toList();
    if (asked.size() > 1) {
      table.putChain(
          NftChain.regular(chain(port)),
          asked.stream().map(chain -> NftRule.of(NftStatement.jump(chain))).toList());
    } else {
      table.removeChain(chain(port));
    }
    if (asked.isEmpty()) {
      withdraw(port);
      return;
    }
    if (led.isEmpty()) {
      table.putSet(map());
    }
    led.add(port);
    String target = asked.size() > 1 ? chain(port) : asked.getFirst();
    table.putElement(name, NftElement.mapping(NftVerdict.jump(target), port.key()));
  }

  private void withdraw(ServicePort port) {
    if (!led.remove(port)) {
      return;
    }
    if (led.isEmpty()) {
      table.removeSet(name);
    } else {
      table.removeElement(name, NftElement.of(port.key()).key());
    }
  }

  private NftSet map() {
    return NftSet.verdictMap(name, ServicePort.KEY_TYPES);
  }

  private String chain(ServicePort port) {
    return name + "/" + port;
  }
}
