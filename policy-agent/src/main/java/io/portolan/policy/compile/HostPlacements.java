package io.portolan.policy.compile;

import io.portolan.policy.model.HostEndpoint;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.model.Tier;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.HostHooks;
import io.portolan.policy.nft.HostPath;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The classes of the host endpoints in force on this node, and the way to their chains. */
final class HostPlacements {
  private final DesiredTable table;
  private final ClassRegistry classes;
  private List<HostClass> held = List.of();

  /** Of the paths on which something is asked, the classes by interface. */
  private final Map<HostPath, Map<String, HostClass>> named = new EnumMap<>(HostPath.class);

  /** Those of every other interface. */
  private final Map<HostPath, HostClass> any = new EnumMap<>(HostPath.class);

  HostPlacements(DesiredTable table, ClassRegistry classes) {
    this.table = table;
    this.classes = classes;
  }

  /**
   * Takes the classes that are needed now and leads packets to them.
   *
   * @param selecting the policies that select a host endpoint
   * @return the classes held before, for release
   */
  Collection<HostClass> place(
      HostDirectory hosts,
      Function<HostEndpoint, List<Policy>> selecting,
      Map<PolicyId, Policy> policies,
      Map<String, Tier> tiers) {
    HostDirectory.Active active = hosts.active();
    List<HostClass> next = new ArrayList<>();
    Map<HostPath, HostHooks.Dispatch> paths = new EnumMap<>(HostPath.class);
    named.clear();
    any.clear();
    for (HostPath path : HostPath.values()) {
      Function<HostEndpoint, HostClass> decider =
          endpoint -> decider(path, endpoint, selecting.apply(endpoint), hosts, tiers);
      Map<String, HostClass> deciders = new TreeMap<>();
      active.named().forEach((link, endpoint) -> deciders.put(link, decider.apply(endpoint)));
      // Felix does not apply policies on single packets to every interface.
      Optional<HostClass> other = path.isRaw() ? Optional.empty() : active.any().map(decider);
      named.put(path, deciders);
      other.ifPresent(one -> any.put(path, one));
      Stream.concat(deciders.values().stream(), other.stream())
          .filter(one -> !one.isIdle())
          .forEach(next::add);
      TreeMap<String, Optional<String>> chains = new TreeMap<>();
      deciders.forEach((link, one) -> chains.put(link, chain(one)));
      HostHooks.Dispatch dispatch =
          new HostHooks.Dispatch(chains, other.flatMap(HostPlacements::chain));
      if (!dispatch.isIdle()) {
        paths.put(path, dispatch);
      }
    }
    next.forEach(decider -> classes.acquire(decider, policies));
    HostHooks.write(table, paths);
    List<HostClass> before = held;
    held = next;
    return before;
  }

  private static Optional<String> chain(HostClass decider) {
    return decider.isIdle() ? Optional.empty() : Optional.of(decider.chain());
  }

  /** The tiers that are asked on a path of an interface, in order. */
  List<AskedTier> asked(HostPath path, String link) {
    return Optional.ofNullable(named.getOrDefault(path, Map.of()).get(link))
        .or(() -> Optional.ofNullable(any.get(path)))
        .stream()
        .flatMap(decider -> decider.own().stream())
        .map(AskedTier::of)
        .toList();
  }

  private static HostClass decider(
      HostPath path,
      HostEndpoint endpoint,
      List<Policy> selecting,
      HostDirectory hosts,
      Map<String, Tier> tiers) {
    boolean ingress =
        switch (path.direction()) {
          case INGRESS -> true;
          case EGRESS -> false;
        };
    boolean onNode = path == HostPath.INPUT || path == HostPath.OUTPUT;
    boolean addressed = path == HostPath.PRE_DNAT;
    // Only packets of the node itself are asked about before they are tracked.
    boolean untracked = path != HostPath.PRE_DNAT && path != HostPath.FORWARD_OUT;
    return new HostClass(
        path,
        untracked ? undecided(path, selecting, Policy.Reach.UNTRACKED, tiers) : List.of(),
        ingress && !path.isRaw()
            ? undecided(path, selecting, Policy.Reach.PRE_DNAT, tiers)
            : List.of(),
        path.isRaw() || addressed
            ? List.of()
            : PolicyClass.stages(
                path.direction(),
                selecting.stream()
                    .filter(policy -> onNode || policy.reach() == Policy.Reach.FORWARDED)
                    .filter(policy -> policy.reach().includesPods())
                    .filter(policy -> policy.directions().contains(path.direction()))
                    .toList(),
                tiers),
        path == HostPath.FORWARD_OUT ? List.of() : ingress ? hosts.inbound() : hosts.outbound(),
        path.isRaw() ? (ingress ? hosts.outbound() : hosts.inbound()) : List.of(),
        !onNode || endpoint.allowsByProfile());
  }

  /** Of policies that leave what they do not decide on to those that are asked later. */
  private static List<PolicyClass.Stage> undecided(
      HostPath path, List<Policy> selecting, Policy.Reach reach, Map<String, Tier> tiers) {
    Map<String, Tier> passing =
        tiers.values().stream()
            .collect(
                Collectors.toMap(
                    Tier::name, tier -> new Tier(tier.name(), tier.order(), Tier.End.PASS)));
    return PolicyClass.stages(
        path.direction(),
        selecting.stream()
            .filter(policy -> policy.reach() == reach)
            .filter(policy -> policy.directions().contains(path.direction()))
            .toList(),
        passing);
  }
}
