package io.portolan.policy.agent;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.kube.EndpointSliceRecord;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeWatch;
import io.portolan.common.kube.NamespaceRecord;
import io.portolan.common.kube.NodeAddressesRecord;
import io.portolan.common.kube.ObjectKey;
import io.portolan.common.kube.PodRecord;
import io.portolan.common.kube.RecordDecoder;
import io.portolan.common.kube.ResourcePath;
import io.portolan.common.kube.WatchOptions;
import io.portolan.common.kube.WatchScope;
import io.portolan.policy.calico.CalicoKinds;
import io.portolan.policy.calico.Decoded;
import io.portolan.policy.calico.StoredForm;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterNetworkPolicies;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.EndpointSlice;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.NotUnderstoodException;
import io.portolan.policy.model.PodName;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.model.Protocol;
import io.portolan.policy.model.ServiceName;
import io.portolan.policy.status.PolicyCondition;
import io.portolan.policy.status.ReportedPolicy;
import io.portolan.policy.status.StatusReporter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches all that policies speak of, and reports it as changes. */
public final class ClusterFeeds implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterFeeds.class);

  /** How often the API server is asked whether it has come to know a kind that it lacked. */
  private static final Duration ASK_AGAIN = Duration.ofMinutes(1);

  /**
   * For so long a kind that was there is believed to be, with its objects, although the API server
   * denies it: to drop them would open what they close.
   */
  private static final Duration RETENTION = Duration.ofMinutes(10);

  /** What has not been listed yet; guarded by itself. */
  private final Set<ResourcePath> awaited = new HashSet<>();

  private final Reachability reachability =
      new Reachability(InstantSource.system(), (level, line) -> LOG.atLevel(level).log(line));

  private final ClusterSink sink;
  private final PolicyProblems problems;
  private final StatusReporter statuses;
  private final List<KubeWatch<?>> watches;
  private final List<EitherGroup> groups;
  private final CalicoDatastore datastore;

  /**
   * Starts watching.
   *
   * @param pods also hears of each pod, before the sink; for those who look for the node's own
   * @param problems hears of policies that are not understood
   * @param statuses hears of policies that have a status, and of nodes
   */
  public ClusterFeeds(
      KubeClient client,
      ClusterSink sink,
      PodListener pods,
      PolicyProblems problems,
      StatusReporter statuses) {
    this(
        client,
        sink,
        pods,
        problems,
        statuses,
        WatchOptions.DEFAULT.withAbsence(ASK_AGAIN, RETENTION));
  }

  /**
   * @param optional how to watch what need not be installed
   */
  ClusterFeeds(
      KubeClient client,
      ClusterSink sink,
      PodListener pods,
      PolicyProblems problems,
      StatusReporter statuses,
      WatchOptions optional) {
    this.sink = sink;
    this.statuses = statuses;
    this.problems = problems;
    Feed<PodRecord> podFeed =
        new Feed<>(
            PodRecord::key,
            pod -> {
              pods.seen(pod);
              return Optional.of(new ClusterChange.PodSeen(clusterPod(pod)));
            },
            key -> {
              PodName name = new PodName(key.namespace(), key.name());
              pods.gone(name);
              return new ClusterChange.PodGone(name);
            },
            sink::changed,
            () -> {
              pods.listed();
              listed(ResourcePath.PODS);
            },
            reachability);
    Feed<NamespaceRecord> namespaceFeed =
        new Feed<>(
            namespace -> new ObjectKey("", namespace.name()),
            namespace ->
                Optional.of(new ClusterChange.NamespaceSeen(namespace.name(), namespace.labels())),
            key -> new ClusterChange.NamespaceGone(key.name()),
            sink::changed,
            () -> listed(ResourcePath.NAMESPACES),
            reachability);
    Feed<NodeAddressesRecord> nodeFeed =
        new Feed<>(
            node -> new ObjectKey("", node.name()),
            node -> {
              statuses.nodeSeen(node.name());
              return Optional.of(
                  new ClusterChange.NodeSeen(node.name(), node.labels(), node.addresses()));
            },
            key -> {
              statuses.nodeGone(key.name());
              return new ClusterChange.NodeGone(key.name());
            },
            sink::changed,
            () -> listed(ResourcePath.NODES),
            reachability);
    Feed<JsonNode> policyFeed =
        policies(
            PolicyId.Kind.NETWORK_POLICY, ResourcePath.NETWORK_POLICIES, NetworkPolicies::decode);
    Feed<JsonNode> clusterPolicyFeed =
        policies(
            PolicyId.Kind.CLUSTER_NETWORK_POLICY,
            ResourcePath.CLUSTER_NETWORK_POLICIES,
            ClusterNetworkPolicies::decode);
    Feed<EndpointSliceRecord> sliceFeed =
        new Feed<>(
            EndpointSliceRecord::key,
            slice -> endpointSlice(slice).map(ClusterChange.EndpointSliceSeen::new),
            key -> new ClusterChange.EndpointSliceGone(key.namespace(), key.name()),
            sink::changed,
            () -> listed(ResourcePath.ENDPOINT_SLICES),
            reachability);
    awaited.addAll(
        List.of(
            ResourcePath.PODS,
            ResourcePath.NAMESPACES,
            ResourcePath.NODES,
            ResourcePath.NETWORK_POLICIES,
            ResourcePath.CLUSTER_NETWORK_POLICIES,
            ResourcePath.ENDPOINT_SLICES,
            CalicoKinds.SERVICE_ACCOUNTS.path()));
    CalicoKinds.OWN.forEach(kind -> awaited.add(kind.path()));
    List<KubeWatch<?>> started = new ArrayList<>();
    started.add(
        KubeWatch.start(
            client, WatchScope.all(ResourcePath.PODS), PodRecord.decoder(Set.of()), podFeed));
    started.add(
        KubeWatch.start(
            client,
            WatchScope.all(ResourcePath.NAMESPACES),
            NamespaceRecord.decoder(Set.of()),
            namespaceFeed));
    started.add(
        KubeWatch.start(
            client,
            WatchScope.all(ResourcePath.NETWORK_POLICIES),
            RecordDecoder.ofTree(tree -> tree),
            policyFeed));
    started.add(
        KubeWatch.start(
            client, WatchScope.all(ResourcePath.NODES), NodeAddressesRecord.decoder(), nodeFeed));
    started.add(
        KubeWatch.start(
            client,
            WatchScope.all(ResourcePath.CLUSTER_NETWORK_POLICIES),
            RecordDecoder.ofTree(tree -> tree),
            clusterPolicyFeed,
            optional));
    started.add(
        KubeWatch.start(
            client,
            WatchScope.all(ResourcePath.ENDPOINT_SLICES),
            EndpointSliceRecord.decoder(),
            sliceFeed,
            optional));
    started.add(
        KubeWatch.start(
            client,
            WatchScope.all(CalicoKinds.SERVICE_ACCOUNTS.path()),
            RecordDecoder.ofTree(tree -> tree),
            calico(CalicoKinds.SERVICE_ACCOUNTS),
            optional));
    this.watches = List.copyOf(started);
    this.groups =
        CalicoKinds.OWN.stream()
            .map(kind -> new EitherGroup(client, kind, calico(kind), optional))
            .toList();
    this.datastore =
        new CalicoDatastore(
            client, optional, inForce -> groups.forEach(group -> group.follow(inForce)));
  }

  private Feed<JsonNode> calico(CalicoKinds.Kind kind) {
    return new Feed<>(
        ClusterFeeds::key,
        object -> {
          Decoded decoded = kind.seen().apply(object);
          if (decoded.change().orElse(null) instanceof ClusterChange.PolicySeen(Policy policy)) {
            problems.read(
                policy.id(),
                StoredForm.existing(object, kind.path().apiVersion()),
                uid(object),
                decoded.problems());
          } else {
            decoded
                .problems()
                .forEach(
                    problem -> LOG.warn("{} {}: {}", kind.path().plural(), key(object), problem));
          }
          return decoded.change();
        },
        key -> {
          ClusterChange gone = kind.gone().apply(key);
          if (gone instanceof ClusterChange.PolicyGone(PolicyId id)) {
            problems.gone(id);
          }
          return gone;
        },
        sink::changed,
        () -> listed(kind.path()),
        reachability);
  }

  /** Reads one kind of policy. */
  private interface Decoding {
    Policy decode(JsonNode object) throws NotUnderstoodException;
  }

  private Feed<JsonNode> policies(PolicyId.Kind kind, ResourcePath source, Decoding decoding) {
    return new Feed<>(
        ClusterFeeds::key,
        object -> Optional.of(policy(object, id(kind, key(object)), source, decoding)),
        key -> {
          problems.gone(id(kind, key));
          if (kind == PolicyId.Kind.CLUSTER_NETWORK_POLICY) {
            statuses.gone(key.name());
          }
          return new ClusterChange.PolicyGone(id(kind, key));
        },
        sink::changed,
        () -> listed(source),
        reachability);
  }

  /** The part of a pod that policy is about. */
  public static ClusterPod clusterPod(PodRecord pod) {
    return new ClusterPod(
        new PodName(pod.namespace(), pod.name()),
        pod.uid(),
        pod.labels(),
        pod.serviceAccount(),
        pod.finished(),
        // What a pod in the host's network shows is the node's address.
        pod.hostNetwork() ? List.of() : pod.ips(),
        pod.ports().stream()
            .filter(port -> !port.name().isEmpty())
            .flatMap(port ->
                Protocol.named(port.protocol()).stream()
                    .map(p -> new ClusterPod.NamedPort(port.name(), p, port.port())))
            .toList(),
        pod.started());
  }

  /** Empty if it belongs to no service: no policy can name it. */
  public static Optional<EndpointSlice> endpointSlice(EndpointSliceRecord slice) {
    return slice.service().isEmpty()
        ? Optional.empty()
        : Optional.of(
            new EndpointSlice(
                new ServiceName(slice.key().namespace(), slice.service()),
                slice.key().name(),
                slice.addresses(),
                slice.ports().stream()
                    .flatMap(port ->
                        Protocol.named(port.protocol()).stream()
                            .map(protocol -> new EndpointSlice.Port(protocol, port.port())))
                    .toList()));
  }

  private ClusterChange policy(
      JsonNode object, PolicyId id, ResourcePath source, Decoding decoding) {
    StoredForm.Existing existing = new StoredForm.Existing(source.apiVersion(), id.name());
    try {
      Policy policy = decoding.decode(object);
      report(object, id, policy.problems(), true);
      problems.read(policy.id(), existing, uid(object), policy.problems());
      return new ClusterChange.PolicySeen(policy);
    } catch (NotUnderstoodException e) {
      report(object, id, List.of("" + e.getMessage()), false);
      problems.unreadable(id, existing, uid(object), "" + e.getMessage());
      return new ClusterChange.PolicyGone(id);
    }
  }

  private void report(JsonNode object, PolicyId id, List<String> found, boolean enforced) {
    if (id.kind() == PolicyId.Kind.CLUSTER_NETWORK_POLICY) {
      statuses.seen(
          new ReportedPolicy(
              id.name(),
              uid(object),
              object.path("metadata").path("generation").asLong(0),
              found,
              enforced,
              PolicyCondition.read(object, PolicyCondition.Type.ACCEPTED),
              PolicyCondition.read(object, PolicyCondition.Type.PROGRAMMED)));
    }
  }

  private static PolicyId id(PolicyId.Kind kind, ObjectKey key) {
    return new PolicyId(kind, key.namespace(), key.name());
  }

  private static String uid(JsonNode object) {
    return object.path("metadata").path("uid").asText("");
  }

  static ObjectKey key(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    return new ObjectKey(
        metadata.path("namespace").asText(""), metadata.path("name").asText("unnamed"));
  }

  private void listed(ResourcePath source) {
    boolean last;
    synchronized (awaited) {
      last = awaited.remove(source) && awaited.isEmpty();
    }
    if (last) {
      sink.synced();
    }
  }

  @Override
  public void close() {
    watches.forEach(KubeWatch::close);
    datastore.close();
    groups.forEach(EitherGroup::close);
  }
}
