package io.portolan.common.runtime;

import io.portolan.common.api.v1alpha1.NetworkProfileSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.controller.ClusterView;
import io.portolan.common.controller.NodeFacts;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeEvent;
import io.portolan.common.kube.KubeWatch;
import io.portolan.common.kube.NetworkProfileRecord;
import io.portolan.common.kube.NodeNetworkRecord;
import io.portolan.common.kube.NodeNetworkRepository;
import io.portolan.common.kube.NodeRecord;
import io.portolan.common.kube.PodRecord;
import io.portolan.common.kube.ResourcePath;
import io.portolan.common.kube.WatchScope;
import io.portolan.common.pool.NodeDemand;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The cluster as four watches show it: nodes, pods, NodeNetworks and profiles.
 *
 * <p>Each watch's thread owns the part it feeds; the maps are concurrent, because reconcilers read
 * them meanwhile. Parts are of slightly different moments, as they always are with watches.
 */
public final class KubeClusterView implements ClusterView, AutoCloseable {

  /** Who wants to know of changes; called on the threads of the watches. */
  public interface Listener {
    /** The node, its pods or its NodeNetwork changed, came or went. */
    void nodeChanged(NodeName node);

    /** A profile changed. */
    void allChanged();

    /**
     * A watch listed anew ({@code synced}), broke ({@code disconnected}) or goes on without loss
     * ({@code resumed}).
     */
    default void watched(String resource, String kind) {}
  }

  private final Function<String, Optional<InstanceId>> machineOf;
  private final Listener listener;
  private final PodIndex pods;
  private final Map<String, NodeRecord> nodes = new ConcurrentHashMap<>();
  private final Map<String, NodeNetworkRecord> networks = new ConcurrentHashMap<>();
  private final Map<String, NetworkProfileSpec> profiles = new ConcurrentSkipListMap<>();
  private final Map<String, String> trouble = new ConcurrentSkipListMap<>();
  private final CountDownLatch synced = new CountDownLatch(4);
  private final List<KubeWatch<?>> watches = new ArrayList<>();

  /**
   * @param machineOf the machine behind a {@code spec.providerID}; empty for a foreign one
   */
  public KubeClusterView(
      Function<String, Optional<InstanceId>> machineOf, InstantSource time, Listener listener) {
    this.machineOf = machineOf;
    this.listener = listener;
    this.pods = new PodIndex(time, listener::nodeChanged);
  }

  /** Begins to follow; the view is empty before {@link #awaitSynced}. */
  public void follow(KubeClient client) {
    watches.add(
        KubeWatch.start(
            client,
            WatchScope.all(ResourcePath.NODES),
            NodeRecord.decoder(Set.of()),
            followed("nodes", this::node)));
    watches.add(
        KubeWatch.start(
            client,
            WatchScope.all(ResourcePath.PODS),
            PodRecord.decoder(Set.of()),
            followed("pods", pods::accept)));
    watches.add(new NodeNetworkRepository(client).watch(followed("nodenetworks", this::network)));
    watches.add(
        KubeWatch.start(
            client,
            WatchScope.all(ResourcePath.NETWORK_PROFILES),
            NetworkProfileRecord.decoder(),
            followed("networkprofiles", this::profile)));
  }

  /** Waits for the first whole listing of everything. */
  public void awaitSynced() throws InterruptedException {
    synced.await();
  }

  /** What is wrong with the watches, by resource; empty if nothing is. */
  public Optional<String> problem() {
    if (synced.getCount() > 0 && trouble.isEmpty()) {
      return Optional.of("the first listing is under way");
    }
    return trouble.isEmpty() ? Optional.empty() : Optional.of(trouble.toString());
  }

  private <T> Consumer<KubeEvent<T>> followed(String resource, Consumer<KubeEvent<T>> consumer) {
    boolean[] first = {true};
    return event -> {
      switch (event) {
        case KubeEvent.Disconnected<T> lost -> {
          trouble.put(resource, lost.reason());
          listener.watched(resource, "disconnected");
        }
        case KubeEvent.Resumed<T> _ -> {
          trouble.remove(resource);
          listener.watched(resource, "resumed");
        }
        case KubeEvent.Synced<T> _ -> {
          trouble.remove(resource);
          listener.watched(resource, "synced");
        }
        case KubeEvent.Upsert<T> _, KubeEvent.Delete<T> _ -> {}
      }
      consumer.accept(event);
      if (first[0] && event instanceof KubeEvent.Synced<T>) {
        first[0] = false;
        synced.countDown();
      }
    };
  }

  private void node(KubeEvent<NodeRecord> event) {
    Set<String> touched = keep(nodes, event, NodeRecord::name);
    for (String name : touched) {
      if (!nodes.containsKey(name)) {
        pods.forget(new NodeName(name));
      }
      listener.nodeChanged(new NodeName(name));
    }
  }

  private void network(KubeEvent<NodeNetworkRecord> event) {
    keep(networks, event, NodeNetworkRecord::name)
        .forEach(name -> listener.nodeChanged(new NodeName(name)));
  }

  private void profile(KubeEvent<NetworkProfileRecord> event) {
    boolean changed =
        switch (event) {
          case KubeEvent.Synced<NetworkProfileRecord> all -> {
            Map<String, NetworkProfileSpec> now = new TreeMap<>();
            all.objects().forEach(profile -> now.put(profile.name(), profile.spec()));
            profiles.keySet().retainAll(now.keySet());
            profiles.putAll(now);
            yield true;
          }
          case KubeEvent.Upsert<NetworkProfileRecord> upsert ->
              !upsert
                  .object()
                  .spec()
                  .equals(profiles.put(upsert.object().name(), upsert.object().spec()));
          case KubeEvent.Delete<NetworkProfileRecord> delete ->
              profiles.remove(delete.key().name()) != null;
          case KubeEvent.Disconnected<NetworkProfileRecord> _,
              KubeEvent.Resumed<NetworkProfileRecord> _ ->
              false;
        };
    if (changed) {
      listener.allChanged();
    }
  }

  /** Applies an event to a map by name; returns the names whose object is another one now. */
  private static <T> Set<String> keep(
      Map<String, T> known, KubeEvent<T> event, Function<T, String> name) {
    Set<String> touched = new HashSet<>();
    switch (event) {
      case KubeEvent.Synced<T> all -> {
        Set<String> gone = new HashSet<>(known.keySet());
        for (T object : all.objects()) {
          gone.remove(name.apply(object));
          put(known, object, name, touched);
        }
        gone.forEach(known::remove);
        touched.addAll(gone);
      }
      case KubeEvent.Upsert<T> upsert -> put(known, upsert.object(), name, touched);
      case KubeEvent.Delete<T> delete -> {
        if (known.remove(delete.key().name()) != null) {
          touched.add(delete.key().name());
        }
      }
      case KubeEvent.Disconnected<T> _, KubeEvent.Resumed<T> _ -> {}
    }
    return touched;
  }

  /** Nodes are written every few seconds by kubelets; most of it is nothing to us. */
  private static <T> void put(
      Map<String, T> known, T object, Function<T, String> name, Set<String> touched) {
    if (!object.equals(known.put(name.apply(object), object))) {
      touched.add(name.apply(object));
    }
  }

  @Override
  public SortedMap<NodeName, NodeFacts> nodes() {
    SortedMap<NodeName, NodeFacts> facts = new TreeMap<>();
    for (NodeRecord node : nodes.values()) {
      NodeName name = new NodeName(node.name());
      facts.put(
          name,
          new NodeFacts(
              name,
              machineOf.apply(node.providerId()),
              new TreeMap<>(node.labels()),
              !node.unschedulable(),
              node.terminating(),
              node.maxPods()));
    }
    return facts;
  }

  @Override
  public NodeDemand demand(NodeName node) {
    return pods.demand(node);
  }

  @Override
  public Optional<NodeNetworkStatus> status(NodeName node) {
    return network(node).map(NodeNetworkRecord::status);
  }

  @Override
  public Optional<NodeNetworkSpec> spec(NodeName node) {
    return network(node).map(NodeNetworkRecord::spec);
  }

  /** The NodeNetwork of a node as the watch last showed it. */
  Optional<NodeNetworkRecord> network(NodeName node) {
    return Optional.ofNullable(networks.get(node.value()));
  }

  /** The uid of the Node object; empty if there is no such node. */
  Optional<String> uid(NodeName node) {
    return Optional.ofNullable(nodes.get(node.value())).map(NodeRecord::uid);
  }

  @Override
  public SortedMap<String, NetworkProfileSpec> profiles() {
    return new TreeMap<>(profiles);
  }

  @Override
  public void close() {
    watches.forEach(KubeWatch::close);
  }
}
