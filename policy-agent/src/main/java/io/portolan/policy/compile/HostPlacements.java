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

/** The classes of the host endpoints in force on this node, and the way to their chains. */
final class HostPlacements {
  private final DesiredTable table;
  private final ClassRegistry classes;
  private List<HostClass> held = List.of();

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
    for (HostPath path : HostPath.values()) {
      Function<HostEndpoint, Optional<String>> chain =
          endpoint -> {
            HostClass decider = decider(path, endpoint, selecting.apply(endpoint), hosts, tiers);
            if (decider.isIdle()) {
              return Optional.empty();
            }
            next.add(decider);
            return Optional.of(decider.chain());
          };
      TreeMap<String, Optional<String>> named = new TreeMap<>();
      active.named().forEach((link, endpoint) -> named.put(link, chain.apply(endpoint)));
      // Felix does not apply policies on single packets to every interface.
      Optional<String> any = path.isRaw() ? Optional.empty() : active.any().flatMap(chain);
      HostHooks.Dispatch dispatch = new HostHooks.Dispatch(named, any);
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
