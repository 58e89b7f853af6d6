package io.portolan.node.agent;

import io.portolan.calico.model.ApiGroup;
import io.portolan.calico.model.ObjectKind;
import io.portolan.calico.node.CalicoRouting;
import io.portolan.common.api.v1alpha1.NetworkProfileSpec;
import io.portolan.common.controller.ProfileSelection;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeEvent;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeWatch;
import io.portolan.common.kube.NetworkProfileRecord;
import io.portolan.common.kube.NodeRecord;
import io.portolan.common.kube.ResourcePath;
import io.portolan.common.kube.WatchOptions;
import io.portolan.common.kube.WatchScope;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calico's routing, on nodes whose NetworkProfile has pods with addresses of Calico's blocks:
 * {@code ipam: CALICO} or {@code spillOver: OVERLAY}. Elsewhere no more than the profiles and the
 * node are watched. One thread owns the fields.
 */
final class CalicoNetworking implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CalicoNetworking.class);
  private static final Duration RETRY = Duration.ofSeconds(2);
  private static final WatchOptions MAY_BE_ABSENT =
      WatchOptions.DEFAULT.withAbsence(Duration.ofMinutes(1), Duration.ofMinutes(1));

  private final KubeClient client;
  private final String nodeName;
  private final Optional<CalicoRouting.Bird> bird;
  private final Consumer<OptionalInt> podMtu;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("node-profile").factory());
  private final List<KubeWatch<?>> watches;

  private final Map<String, NetworkProfileSpec> profiles = new TreeMap<>();
  private boolean profilesKnown;
  private Optional<Map<String, String>> labels = Optional.empty();

  /** Written by the thread. */
  private volatile Optional<CalicoRouting> routing = Optional.empty();

  private CalicoNetworking(
      KubeClient client,
      String nodeName,
      Optional<CalicoRouting.Bird> bird,
      Consumer<OptionalInt> podMtu) {
    this.client = client;
    this.nodeName = nodeName;
    this.bird = bird;
    this.podMtu = podMtu;
    watches =
        List.of(
            KubeWatch.start(
                client,
                WatchScope.all(ResourcePath.NETWORK_PROFILES),
                NetworkProfileRecord.decoder(),
                event -> submit(() -> profile(event)),
                MAY_BE_ABSENT),
            KubeWatch.start(
                client,
                WatchScope.one(ResourcePath.NODES, nodeName),
                NodeRecord.decoder(Set.of()),
                event -> submit(() -> node(event))));
  }

  static CalicoNetworking start(
      KubeClient client,
      String nodeName,
      Optional<CalicoRouting.Bird> bird,
      Consumer<OptionalInt> podMtu) {
    return new CalicoNetworking(client, nodeName, bird, podMtu);
  }

  private void submit(Runnable step) {
    try {
      thread.execute(() -> {
        try {
          step.run();
          decide();
        } catch (RuntimeException e) {
          LOG.error("the node's profile could not be put to use", e);
        }
      });
    } catch (RejectedExecutionException e) {
      LOG.debug("stopping");
    }
  }

  private void profile(KubeEvent<NetworkProfileRecord> event) {
    switch (event) {
      case KubeEvent.Synced<NetworkProfileRecord>(var found, boolean _) -> {
        profiles.clear();
        found.forEach(p -> profiles.put(p.name(), p.spec()));
        profilesKnown = true;
      }
      case KubeEvent.Upsert<NetworkProfileRecord>(NetworkProfileRecord p) ->
          profiles.put(p.name(), p.spec());
      case KubeEvent.Delete<NetworkProfileRecord> gone -> profiles.remove(gone.key().name());
      case KubeEvent.Disconnected<NetworkProfileRecord> _,
          KubeEvent.Resumed<NetworkProfileRecord> _ -> {}
    }
  }

  private void node(KubeEvent<NodeRecord> event) {
    switch (event) {
      case KubeEvent.Synced<NodeRecord>(var found, boolean _) ->
          labels = found.stream().findFirst().map(NodeRecord::labels);
      case KubeEvent.Upsert<NodeRecord>(NodeRecord node) -> labels = Optional.of(node.labels());
      // It is being deleted; pods run on.
      case KubeEvent.Delete<NodeRecord> _,
          KubeEvent.Disconnected<NodeRecord> _,
          KubeEvent.Resumed<NodeRecord> _ -> {}
    }
  }

  private void decide() {
    if (!profilesKnown || labels.isEmpty()) {
      return;
    }
    boolean wanted =
        ProfileSelection.of(new TreeMap<>(profiles), labels.get())
            .map(p ->
                p.getValue().ipam() == NetworkProfileSpec.Ipam.CALICO
                    || p.getValue().spillOver() == NetworkProfileSpec.SpillOver.OVERLAY)
            .orElse(false);
    if (wanted && routing.isEmpty()) {
      group().ifPresent(this::begin);
    } else if (!wanted && routing.isPresent()) {
      LOG.info("the node's profile has no Calico blocks any more: their routes stay as they are");
      routing.get().close();
      routing = Optional.empty();
    }
  }

  private void begin(ApiGroup group) {
    LOG.info("routes of Calico's blocks are kept, from {}", group.apiVersion());
    try {
      routing = Optional.of(CalicoRouting.start(client, nodeName, group, bird, podMtu));
    } catch (IOException e) {
      LOG.error("BIRD has no directory: {}", e.toString());
    }
  }

  /** Where the cluster keeps Calico's objects; empty while that is not known, then asked again. */
  private Optional<ApiGroup> group() {
    for (ApiGroup group : ApiGroup.values()) {
      Optional<KubeFault> fault =
          client.get(group.path(ObjectKind.IP_POOL).collection("")).failure();
      if (fault.isEmpty()) {
        return Optional.of(group);
      }
      if (fault.get().kind() != KubeFault.Kind.NOT_FOUND) {
        LOG.warn("IPPools cannot be read: {}", fault.get());
        break;
      }
    }
    try {
      var _ = thread.schedule(() -> submit(() -> {}), RETRY.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("stopping");
    }
    return Optional.empty();
  }

  /** Why routes are not as they should be; empty if they are, or there are none to keep. */
  Optional<String> problem() {
    return routing.flatMap(CalicoRouting::problem);
  }

  /** How many sessions of BGP are, or are not, established. */
  long sessions(boolean established) {
    return routing.stream()
        .flatMap(r -> r.sessions().stream())
        .filter(s -> s.established() == established)
        .count();
  }

  @Override
  public void close() {
    watches.forEach(KubeWatch::close);
    thread.shutdownNow();
    routing.ifPresent(CalicoRouting::close);
  }
}
