package io.portolan.calico.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.calico.bgp.BgpObjects;
import io.portolan.calico.bgp.BgpProblem;
import io.portolan.calico.bgp.BgpSnapshot;
import io.portolan.calico.bgp.bird.SessionState;
import io.portolan.calico.model.ApiGroup;
import io.portolan.calico.model.Codec;
import io.portolan.calico.model.Codecs;
import io.portolan.calico.model.Decoded;
import io.portolan.calico.model.IpPool;
import io.portolan.calico.model.ObjectKind;
import io.portolan.calico.model.Stored;
import io.portolan.calico.routing.RoutingProblem;
import io.portolan.calico.routing.RoutingSnapshot;
import io.portolan.calico.routing.RoutingSnapshot.Settings;
import io.portolan.calico.routing.kernel.NodeRoutes;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeEvent;
import io.portolan.common.kube.KubeWatch;
import io.portolan.common.kube.ObjectKey;
import io.portolan.common.kube.RecordDecoder;
import io.portolan.common.kube.ResourcePath;
import io.portolan.common.kube.WatchOptions;
import io.portolan.common.kube.WatchScope;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.linux.netlink.NetlinkException;
import io.portolan.linux.route.RouteSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Routes of a node, from the cluster's objects to the kernel. One thread owns what is known and
 * what was done; watches hand their events over to it.
 *
 * <p>Nothing is touched before every kind was read wholly. When the API server is away, what is
 * there stays.
 */
public final class CalicoRouting implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CalicoRouting.class);

  /** Events that come together are put to use together. */
  private static final Duration GATHER = Duration.ofMillis(20);

  private static final Duration RETRY = Duration.ofSeconds(2);

  /** How often the kernel is read, in case somebody else changed it. */
  private static final Duration AUDIT = Duration.ofSeconds(60);

  /** A cluster may have pools, but none of the kinds of BGP. */
  private static final WatchOptions MAY_BE_ABSENT =
      WatchOptions.DEFAULT.withAbsence(Duration.ofMinutes(1), Duration.ofMinutes(1));

  private final KubeClient client;
  private final String nodeName;
  private final ApiGroup group;
  private final Optional<BgpSpeaker> bgp;
  private final Consumer<OptionalInt> podMtu;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("routes").factory());
  private final List<KubeWatch<?>> watches = new ArrayList<>();
  private volatile Optional<String> problem = Optional.of("the cluster has not been read yet");

  // Owned by the thread.
  private final ClusterState cluster = new ClusterState();
  private final BgpState bgpState = new BgpState();
  private final NodeRoutes routes;
  private final RouteSocket socket;
  private boolean due;
  private List<RoutingProblem> told = List.of();
  private Map<String, String> written = Map.of();

  private CalicoRouting(
      KubeClient client,
      String nodeName,
      ApiGroup group,
      Optional<BgpSpeaker> bgp,
      Consumer<OptionalInt> podMtu) {
    this.client = client;
    this.nodeName = nodeName;
    this.group = group;
    this.bgp = bgp;
    this.podMtu = podMtu;
    routes = new NodeRoutes();
    socket = RouteSocket.open();
  }

  /**
   * Starts following the cluster. Sockets are opened in the namespace of the calling thread, which
   * has to be the process's.
   *
   * @param bird where BIRD is; without it there is no BGP
   * @param podMtu hears what fits into the tunnels in use, when that changes
   */
  public static CalicoRouting start(
      KubeClient client,
      String nodeName,
      ApiGroup group,
      Optional<Bird> bird,
      Consumer<OptionalInt> podMtu)
      throws IOException {
    Optional<BgpSpeaker> bgp = Optional.empty();
    if (bird.isPresent()) {
      bgp =
          Optional.of(
              new BgpSpeaker(
                  client,
                  bird.get().program(),
                  bird.get().directory(),
                  bird.get().secretNamespace()));
    }
    CalicoRouting routing = new CalicoRouting(client, nodeName, group, bgp, podMtu);
    routing.follow();
    return routing;
  }

  /**
   * BIRD on this node.
   *
   * @param program BIRD 2
   * @param directory for its configuration and socket
   * @param secretNamespace where Secrets with passwords are
   */
  public record Bird(Path program, Path directory, String secretNamespace) {}

  private void follow() {
    ClusterState state = cluster;
    watch(
        ResourcePath.NODES,
        object -> Optional.of(CalicoNode.of(object)),
        event -> state.nodes.take(event));
    // In the stored form what is being deleted is marked first, and counts as gone.
    watch(Codecs.POOL, Optional::of, event -> state.pools.take(event));
    watch(
        Codecs.AFFINITY,
        affinity -> Optional.of(affinity).filter(a -> !a.deleted()),
        event -> state.affinities.take(event));
    watch(
        Codecs.BLOCK,
        block -> Optional.of(block).filter(b -> !b.deleted()).map(BlockView::of),
        event -> state.blocks.take(event));
    if (bgp.isPresent()) {
      followBgp();
    }
    var _ =
        thread.scheduleWithFixedDelay(
            () -> {
              routes.distrust();
              reconcile();
            },
            AUDIT.toMillis(),
            AUDIT.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private void followBgp() {
    BgpState state = bgpState;
    watch(path("bgpconfigurations"), Optional::of, event -> state.configurations.take(event));
    watch(
        path("bgppeers"),
        object -> Optional.of(BgpObjects.peer(object)),
        event -> state.peers.take(event));
    watch(
        path("bgpfilters"),
        object -> Optional.of(BgpObjects.filter(object)),
        event -> state.filters.take(event));
    watch(
        new ResourcePath("", "v1", "services"),
        object -> Optional.of(ServiceView.of(object)),
        event -> state.services.take(event));
    watch(
        ResourcePath.ENDPOINT_SLICES,
        object -> Optional.of(ServiceView.Ready.of(object)),
        event -> state.endpoints.take(event));
  }

  private ResourcePath path(String plural) {
    ResourcePath pools = group.path(ObjectKind.IP_POOL);
    return new ResourcePath(pools.group(), pools.version(), plural);
  }

  private <T, R> void watch(
      Codec<T> codec,
      Function<T, Optional<R>> view,
      Function<KubeEvent<Followed.Named<R>>, Boolean> take) {
    watch(
        group.path(codec.kind()),
        object ->
            switch (codec.decode((ObjectNode) object, group)) {
              case Decoded.Understood<T>(Stored<T> stored) -> view.apply(stored.value());
              case Decoded.Malformed<T>(String name, String words) -> {
                LOG.warn("{} {} is ignored: {}", codec.kind().name(group), name, words);
                yield Optional.empty();
              }
            },
        take);
  }

  private <R> void watch(
      ResourcePath path,
      Function<JsonNode, Optional<R>> reader,
      Function<KubeEvent<Followed.Named<R>>, Boolean> take) {
    RecordDecoder<Followed.Named<Optional<R>>> decoder =
        RecordDecoder.ofTree(object -> new Followed.Named<>(name(object), reader.apply(object)));
    watches.add(
        KubeWatch.start(
            client,
            WatchScope.all(path),
            decoder,
            event -> Followed.present(event).forEach(e -> submit(() -> change(take.apply(e)))),
            MAY_BE_ABSENT));
  }

  /** As {@link Followed} tells objects apart, of every namespace. */
  private static String name(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    return Followed.name(
        new ObjectKey(metadata.path("namespace").asText(), metadata.path("name").asText()));
  }

  private void submit(Runnable step) {
    try {
      thread.execute(() -> {
        try {
          step.run();
        } catch (RuntimeException e) {
          LOG.error("routes could not be worked on", e);
        }
      });
    } catch (RejectedExecutionException e) {
      LOG.debug("stopping");
    }
  }

  private void change(boolean changed) {
    if (changed && !due) {
      due = true;
      again(GATHER);
    }
  }

  private void again(Duration delay) {
    var _ = thread.schedule(this::reconcile, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void reconcile() {
    due = false;
    try {
      Map<IpAddress, LocalAddress> local = LocalAddress.read(socket);
      Settings settings =
          bgp.isPresent() ? Settings.DEFAULT.withoutRoutesOfBgp() : Settings.DEFAULT;
      if (cluster.routedPools().stream().anyMatch(p -> p.ipip() != IpPool.Mode.NEVER)) {
        settings = settings.withIpip(routes.hasIpip());
      }
      Optional<RoutingSnapshot> snapshot = cluster.routing(nodeName, local, settings);
      if (snapshot.isEmpty()) {
        return;
      }
      NodeRoutes.Outcome outcome = routes.reconcile(snapshot.get());
      podMtu.accept(outcome.plan().podMtu());
      if (bgp.isPresent() && bgpState.isSynced()) {
        List<BgpProblem> rejected = new ArrayList<>();
        BgpSnapshot speaking = bgpState.snapshot(cluster, snapshot.get(), rejected);
        bgp.get().want(speaking, rejected);
      }
      tell(outcome);
      if (!outcome.failures().isEmpty() || !announce(local)) {
        again(RETRY);
      }
    } catch (NetlinkException e) {
      LOG.warn("routes: {}", e.getMessage());
      problem = Optional.of(String.valueOf(e.getMessage()));
      again(RETRY);
    } catch (RuntimeException e) {
      LOG.error("routes could not be worked on", e);
      again(RETRY);
    }
  }

  private void tell(NodeRoutes.Outcome outcome) {
    if (outcome.changes() > 0) {
      LOG.info("routes: {} changes", outcome.changes());
    }
    outcome.failures().forEach(f -> LOG.warn("routes: {}", f));
    List<RoutingProblem> problems = outcome.plan().problems();
    if (!problems.equals(told)) {
      problems.stream().filter(p -> !told.contains(p)).forEach(p -> LOG.warn("routes: {}", p));
      told = problems;
    }
    problem =
        outcome.failures().stream()
            .findFirst()
            .or(() -> problems.stream().findFirst().map(RoutingProblem::toString));
  }

  /**
   * Calico's nodes look for each other's address and subnet in annotations.
   *
   * @return whether they are there
   */
  private boolean announce(Map<IpAddress, LocalAddress> local) {
    Optional<CalicoNode> self = cluster.node(nodeName);
    if (self.isEmpty()) {
      return true;
    }
    Map<String, String> wanted = new TreeMap<>();
    for (IpFamily family : IpFamily.values()) {
      var address = self.get().addresses().get(family);
      LocalAddress where = address == null ? null : local.get(address.address());
      if (address != null && where != null && !self.get().annotated().getOrDefault(family, false)) {
        wanted.put(CalicoNode.addressKey(family), address.address() + "/" + where.prefixLength());
      }
    }
    if (wanted.isEmpty() || wanted.equals(written)) {
      return true;
    }
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    ObjectNode annotations = patch.putObject("metadata").putObject("annotations");
    wanted.forEach(annotations::put);
    var failure = client.merge(ResourcePath.NODES.object("", nodeName), patch).failure();
    failure.ifPresent(f -> LOG.warn("the node's address cannot be written to its Node: {}", f));
    if (failure.isEmpty()) {
      written = wanted;
    }
    return failure.isEmpty();
  }

  /** Why routes are not as they should be; empty if they are. */
  public Optional<String> problem() {
    return problem.or(() -> bgp.flatMap(BgpSpeaker::problem));
  }

  /** How BGP's sessions were a moment ago; none without BGP. */
  public List<SessionState> sessions() {
    return bgp.map(BgpSpeaker::sessions).orElse(List.of());
  }

  /** Ends the work; routes and tunnels stay. */
  @Override
  public void close() {
    watches.forEach(KubeWatch::close);
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
        LOG.warn("routes are still being worked on");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    bgp.ifPresent(BgpSpeaker::close);
    routes.close();
    socket.close();
  }
}
