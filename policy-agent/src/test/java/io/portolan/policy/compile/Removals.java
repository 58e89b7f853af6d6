package io.portolan.policy.compile;

import io.portolan.policy.model.ClusterChange;
import java.util.List;
import java.util.Optional;

/** What an agent hears about objects that one state has and the next has not. */
public final class Removals {
  private Removals() {}

  public static List<ClusterChange> between(List<ClusterChange> before, List<ClusterChange> after) {
    List<Object> staying = after.stream().map(Removals::identity).toList();
    return before.stream()
        .filter(change -> !staying.contains(identity(change)))
        .map(Removals::removal)
        .flatMap(Optional::stream)
        .toList();
  }

  private static Object identity(ClusterChange change) {
    return switch (change) {
      case ClusterChange.NamespaceSeen seen -> seen.name();
      case ClusterChange.PodSeen seen -> seen.pod().name();
      case ClusterChange.ServiceAccountSeen seen ->
          List.of("account", seen.namespace(), seen.name());
      case ClusterChange.NetworkSetSeen seen ->
          List.of("network set", seen.set().namespace(), seen.set().name());
      case ClusterChange.EndpointSliceSeen seen ->
          List.of("slice", seen.slice().service().namespace(), seen.slice().name());
      case ClusterChange.HostEndpointSeen seen -> "host endpoint " + seen.endpoint().name();
      case ClusterChange.FailsafesSeen seen -> "failsafes " + seen.name();
      case ClusterChange.ThisNode _ -> "this node";
      case ClusterChange.PolicySeen seen -> seen.policy().id();
      case ClusterChange.TierSeen seen -> "tier " + seen.tier().name();
      case ClusterChange.NodeSeen seen -> "node " + seen.name();
      case ClusterChange.DnsSeen seen -> "domain " + seen.name();
      case ClusterChange.PodWired wired -> "wired " + wired.pod().id();
      case ClusterChange.PodBound bound -> "bound " + bound.name();
      case ClusterChange.NamespaceGone _,
          ClusterChange.PodGone _,
          ClusterChange.PolicyGone _,
          ClusterChange.TierGone _,
          ClusterChange.NodeGone _,
          ClusterChange.ServiceAccountGone _,
          ClusterChange.NetworkSetGone _,
          ClusterChange.EndpointSliceGone _,
          ClusterChange.HostEndpointGone _,
          ClusterChange.PodUnbound _,
          ClusterChange.PodUnwired _ ->
          change;
    };
  }

  private static Optional<ClusterChange> removal(ClusterChange change) {
    return switch (change) {
      case ClusterChange.NamespaceSeen seen ->
          Optional.of(new ClusterChange.NamespaceGone(seen.name()));
      case ClusterChange.PodSeen seen -> Optional.of(new ClusterChange.PodGone(seen.pod().name()));
      case ClusterChange.PolicySeen seen ->
          Optional.of(new ClusterChange.PolicyGone(seen.policy().id()));
      case ClusterChange.ServiceAccountSeen seen ->
          Optional.of(new ClusterChange.ServiceAccountGone(seen.namespace(), seen.name()));
      case ClusterChange.NetworkSetSeen seen ->
          Optional.of(new ClusterChange.NetworkSetGone(seen.set().namespace(), seen.set().name()));
      case ClusterChange.EndpointSliceSeen seen ->
          Optional.of(
              new ClusterChange.EndpointSliceGone(
                  seen.slice().service().namespace(), seen.slice().name()));
      case ClusterChange.TierSeen seen ->
          Optional.of(new ClusterChange.TierGone(seen.tier().name()));
      case ClusterChange.HostEndpointSeen seen ->
          Optional.of(new ClusterChange.HostEndpointGone(seen.endpoint().name()));
      case ClusterChange.FailsafesSeen seen ->
          Optional.of(
              new ClusterChange.FailsafesSeen(seen.name(), Optional.empty(), Optional.empty()));
      case ClusterChange.NodeSeen seen -> Optional.of(new ClusterChange.NodeGone(seen.name()));
      case ClusterChange.DnsSeen seen ->
          Optional.of(new ClusterChange.DnsSeen(seen.name(), List.of()));
      case ClusterChange.PodBound bound -> Optional.of(new ClusterChange.PodUnbound(bound.name()));
      case ClusterChange.PodWired wired ->
          Optional.of(new ClusterChange.PodUnwired(wired.pod().id()));
      case ClusterChange.NamespaceGone _,
          ClusterChange.PodGone _,
          ClusterChange.PolicyGone _,
          ClusterChange.TierGone _,
          ClusterChange.NodeGone _,
          ClusterChange.ServiceAccountGone _,
          ClusterChange.NetworkSetGone _,
          ClusterChange.EndpointSliceGone _,
          ClusterChange.HostEndpointGone _,
          ClusterChange.ThisNode _,
          ClusterChange.PodUnbound _,
          ClusterChange.PodUnwired _ ->
          Optional.empty();
    };
  }
}
