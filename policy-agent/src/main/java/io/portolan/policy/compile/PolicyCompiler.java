package io.portolan.policy.compile;

import io.portolan.common.net.IpAddress;
import io.portolan.common.select.PodQuery;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.EndpointId;
import io.portolan.policy.model.EndpointSlice;
import io.portolan.policy.model.HostEndpoint;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.NetworkSet;
import io.portolan.policy.model.PodName;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.model.Tier;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.HostPath;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Keeps the desired table in step with the cluster.
 *
 * <p>GOALS: a change costs what it touches (a label change its pod's elements, an edited policy its
 * own chain), and the table depends on the present state only: feeding the same objects in any
 * order, with any detours, gives the same table.
 *
 * <p>ALGORITHM: {@link #apply} updates memberships at once and notes which pods of this node may
 * have changed class; {@link #settle} then moves those pods between classes. Only policies that
 * select a pod of this node are programmed, and only the sets they need.
 *
 * <pre>
 *   policies ─ subjects index ─> class of each local pod ─> class chain ─> policy chains ─> sets
 *   nodes, domain names, endpoints of services ──────────────────────────────────────────────┤
 *   pods, namespaces ────────────────── membership index ───────────────────────────────────┘
 * </pre>
 *
 * <p>Not thread-safe: one thread owns it and the table.
 */
public final class PolicyCompiler {
  private final PodDirectory pods = new PodDirectory();
  private final LabelSources labels = new LabelSources();
  private final Map<PolicyId, Policy> policies = new HashMap<>();

  /** As they were given, those that are in {@code policies} in their closed form. */
  private final Map<PolicyId, Policy> leftOut = new HashMap<>();

  private final NetworkSets networks = new NetworkSets();
  private final HostDirectory hosts = new HostDirectory();
  private final ViewIndex<PolicyId> subjects = new ViewIndex<>();
  private final Map<String, Tier> tiers = new HashMap<>();
  private final TreeMap<EndpointId, LocalPod> locals = new TreeMap<>();

  /** By address, the one endpoint that is wired with it. */
  private final Map<IpAddress, EndpointId> wiredWith = new HashMap<>();

  private final Set<EndpointId> unsettled = new HashSet<>();

  /** Whether the host endpoints of this node may have changed class. */
  private boolean hostsUnsettled;

  private final Set<PodName> bound = new HashSet<>();

  /** Classes held for bound pods, so that wiring one finds its chains in the kernel. */
  private final Map<PodName, Collection<PolicyClass>> prepared = new HashMap<>();

  private final Set<PodName> unprepared = new HashSet<>();
  private final HolderSets holders;
  private final ServiceSets services;
  private final SetRegistry sets;
  private final ClassRegistry classes;
  private final LocalElements elements;
  private final HostPlacements placements;

  /** Starts with an empty cluster and puts the skeleton into the table, which must be empty. */
  public PolicyCompiler(DesiredTable table) {
    this(table, Reporting.NONE);
  }

  /** The same, with a table that tells of what it does. */
  public PolicyCompiler(DesiredTable table, Reporting reporting) {
    this(table, reporting, PortDispatch.Limits.DEFAULT);
  }

  PolicyCompiler(DesiredTable table, Reporting reporting, PortDispatch.Limits limits) {
    this.holders = new HolderSets(table);
    this.services = new ServiceSets(table);
    this.sets = new SetRegistry(table, holders, services);
    this.classes = new ClassRegistry(table, sets, this::forEachMatching, reporting, limits);
    this.elements = new LocalElements(table);
    if (reporting.records()) {
      SkeletonRecords.add(table);
    }
    this.placements = new HostPlacements(table, classes);
    Tier.STATIC.forEach(tier -> tiers.put(tier.name(), tier));
  }

  /** Takes a change in; {@link #settle} must follow before the table is used. */
  public void apply(ClusterChange change) {
    switch (change) {
      case ClusterChange.NamespaceSeen(String name, Map<String, String> labelsNow) ->
          changeNamespace(name, Optional.of(labelsNow));
      case ClusterChange.NamespaceGone(String name) -> changeNamespace(name, Optional.empty());
      case ClusterChange.ServiceAccountSeen(var namespace, var name, var labelsNow) ->
          changeAccount(new LabelSources.AccountName(namespace, name), Optional.of(labelsNow));
      case ClusterChange.ServiceAccountGone(String namespace, String name) ->
          changeAccount(new LabelSources.AccountName(namespace, name), Optional.empty());
      case ClusterChange.PodSeen(ClusterPod pod) -> changePod(pod.name(), Optional.of(pod));
      case ClusterChange.PodGone(PodName name) -> changePod(name, Optional.empty());
      case ClusterChange.NetworkSetSeen(NetworkSet set) ->
          changeNetworkSet(new NetworkSets.Name(set.namespace(), set.name()), Optional.of(set));
      case ClusterChange.NetworkSetGone(String namespace, String name) ->
          changeNetworkSet(new NetworkSets.Name(namespace, name), Optional.empty());
      case ClusterChange.EndpointSliceSeen(EndpointSlice slice) ->
          services.change(slice.service().namespace(), slice.name(), Optional.of(slice));
      case ClusterChange.EndpointSliceGone(String namespace, String name) ->
          services.change(namespace, name, Optional.empty());
      case ClusterChange.PolicySeen(Policy policy) -> {
        boolean isLeftOut = leftOut.replace(policy.id(), policy) != null;
        changePolicy(policy.id(), Optional.of(isLeftOut ? policy.closed() : policy));
      }
      case ClusterChange.PolicyGone(PolicyId id) -> {
        leftOut.remove(id);
        changePolicy(id, Optional.empty());
      }
      case ClusterChange.HostEndpointSeen(HostEndpoint endpoint) ->
          changeHostEndpoint(endpoint.name(), Optional.of(endpoint));
      case ClusterChange.HostEndpointGone(String name) ->
          changeHostEndpoint(name, Optional.empty());
      case ClusterChange.FailsafesSeen seen -> hostsUnsettled |= hosts.put(seen);
      case ClusterChange.ThisNode seen -> hostsUnsettled |= hosts.put(seen);
      case ClusterChange.TierSeen(Tier tier) -> changeTier(tier.name(), Optional.of(tier));
      case ClusterChange.TierGone(String name) -> changeTier(name, Optional.empty());
      case ClusterChange.NodeSeen(
              String name,
              Map<String, String> labels,
              List<IpAddress> addresses) ->
          holders.changeNode(name, Optional.of(new AddressHolder.Node(name, labels, addresses)));
      case ClusterChange.NodeGone(String name) -> holders.changeNode(name, Optional.empty());
      case ClusterChange.DnsSeen(String name, List<IpAddress> addresses) ->
          holders.changeDomain(new AddressHolder.Domain(name, addresses));
      case ClusterChange.PodBound(PodName name) -> {
        bound.add(name);
        unprepared.add(name);
      }
      case ClusterChange.PodUnbound(PodName name) -> {
        bound.remove(name);
        unprepared.add(name);
      }
      case ClusterChange.PodWired(LocalPod local) -> wire(local);
      case ClusterChange.PodUnwired(EndpointId id) -> unwire(id);
    }
  }

  /** Brings the pods of this node that the changes since the last call concern into their class. */
  public void settle() {
    List<EndpointId> concerned = unsettled.stream().sorted().toList();
    unsettled.clear();
    // All are taken out before the first is put in: pods may have exchanged addresses.
    List<TrafficClass> left = new ArrayList<>();
    concerned.forEach(id -> left.addAll(elements.remove(id)));
    concerned.forEach(id -> Optional.ofNullable(locals.get(id)).ifPresent(this::place));
    unprepared.stream().sorted().forEach(name -> left.addAll(prepare(name)));
    unprepared.clear();
    if (hostsUnsettled) {
      left.addAll(placements.place(hosts, this::selecting, policies, tiers));
      hostsUnsettled = false;
    }
    // Released after the new classes were acquired: what both need stays as it is.
    left.forEach(classes::release);
  }

  /**
   * From now on just these policies are programmed in their closed form ({@link Policy#closed}),
   * others as they were given; {@link #settle} must follow. Those that do not exist are passed
   * over.
   */
  public void leaveOut(Set<PolicyId> ids) {
    for (PolicyId id : List.copyOf(leftOut.keySet())) {
      if (!ids.contains(id)) {
        changePolicy(id, Optional.ofNullable(leftOut.remove(id)));
      }
    }
    for (PolicyId id : ids) {
      Policy policy = policies.get(id);
      if (policy != null && !leftOut.containsKey(id)) {
        leftOut.put(id, policy);
        changePolicy(id, Optional.of(policy.closed()));
      }
    }
  }

  /** Whether a policy is known just as it is. */
  public boolean isKnown(Policy policy) {
    Policy known = leftOut.get(policy.id());
    return policy.equals(known == null ? policies.get(policy.id()) : known);
  }

  /** The policies that are programmed in their closed form because of {@link #leaveOut}. */
  public Set<PolicyId> leftOut() {
    return Set.copyOf(leftOut.keySet());
  }

  /** The policies that pods of this node need, sorted. */
  public List<PolicyId> programmed() {
    return classes.programmed();
  }

  /** The programmed policies that a chain or a set of the table is there for, sorted. */
  public List<PolicyId> behind(String chainOrSet) {
    return classes.behind(chainOrSet);
  }

  /** What holds for a pod's interface; empty while it is isolated or unknown. */
  public Optional<LocalElements.Standing> standing(EndpointId id) {
    return elements.standing(id);
  }

  /**
   * What in the API a rule of the table is there for; empty for one of the skeleton.
   *
   * @param rule its place in the chain, from 0
   */
  public Optional<RuleOrigin> origin(String chain, int rule) {
    return classes.origin(chain, rule);
  }

  /** What names in the kernel's reports stand for; for any thread. */
  public ReportNames reportNames() {
    return classes.names();
  }

  /** The pods that have these addresses, of those that a pod has. */
  public Map<IpAddress, Owner> owners(Set<IpAddress> addresses) {
    Map<IpAddress, Owner> owners = new HashMap<>();
    for (IpAddress address : addresses) {
      EndpointId wired = wiredWith.get(address);
      Optional<Owner> local =
          Optional.ofNullable(wired == null ? null : locals.get(wired))
              // One that is no pod yet.
              .filter(pod -> !pod.name().namespace().isEmpty())
              .map(this::owner);
      local
          .or(() -> pods.owner(address).map(pod -> new Owner(pod.name(), Map.of())))
          .ifPresent(owner -> owners.put(address, owner));
    }
    return owners;
  }

  private Owner owner(LocalPod local) {
    Map<Direction, List<PolicyId>> policies = new HashMap<>();
    for (Direction direction : Direction.values()) {
      List<PolicyId> asked =
          asked(local.id(), direction).stream().flatMap(tier -> tier.policies().stream()).toList();
      if (!asked.isEmpty()) {
        policies.put(direction, asked);
      }
    }
    return new Owner(local.name(), policies);
  }

  /** The tiers that a pod's connections may come to, in order; none where no policy isolates it. */
  public List<AskedTier> asked(EndpointId id, Direction direction) {
    return elements.policyClass(id, direction).stream()
        .flatMap(policyClass -> policyClass.stages().stream())
        .map(AskedTier::of)
        .toList();
  }

  /**
   * The tiers that a connection may come to at a host endpoint on this path, and did on no path
   * before it, in order.
   *
   * @param link interface of {@link ClusterChange.ThisNode this node}
   */
  public List<AskedTier> asked(HostPath path, String link) {
    return placements.asked(path, link);
  }

  /** The pods wired on this node, once for each interface. */
  public List<LocalPod> locals() {
    return List.copyOf(locals.values());
  }

  private void changeNamespace(String name, Optional<Map<String, String>> next) {
    if (next.equals(labels.namespace(name))) {
      return;
    }
    List<NetworkSet> inside = List.copyOf(networks.inNamespace(name));
    inside.forEach(this::retract);
    relabel(List.copyOf(pods.inNamespace(name)), () -> labels.putNamespace(name, next));
    inside.forEach(this::contribute);
    // Also those whose pod is not known yet.
    locals.values().stream()
        .filter(local -> local.name().namespace().equals(name))
        .forEach(local -> unsettled.add(local.id()));
  }

  private void changeAccount(LabelSources.AccountName name, Optional<Map<String, String>> next) {
    if (next.equals(labels.account(name))) {
      return;
    }
    relabel(
        pods.inNamespace(name.namespace()).stream().filter(name::isOf).toList(),
        () -> labels.putAccount(name, next));
  }

  private void changeNetworkSet(NetworkSets.Name name, Optional<NetworkSet> next) {
    if (next.equals(networks.get(name))) {
      return;
    }
    networks.get(name).ifPresent(this::retract);
    networks.put(name, next);
    networks.get(name).ifPresent(this::contribute);
  }

  private void changeHostEndpoint(String name, Optional<HostEndpoint> next) {
    Optional<HostEndpoint> old = hosts.get(name);
    if (next.equals(old)) {
      return;
    }
    // An element that two endpoints of one address put in is there once.
    Set<IpAddress> addresses = new HashSet<>();
    old.ifPresent(endpoint -> addresses.addAll(endpoint.expected()));
    next.ifPresent(endpoint -> addresses.addAll(endpoint.expected()));
    hosts.sharing(addresses).forEach(sets::retract);
    hosts.put(name, next);
    hosts.sharing(addresses).forEach(sets::contribute);
    hostsUnsettled = true;
  }

  /** Changes what pods inherit. */
  private void relabel(List<ClusterPod> concerned, Runnable change) {
    concerned.forEach(this::retract);
    change.run();
    concerned.forEach(this::contribute);
    reconsider(concerned.stream().map(ClusterPod::name).collect(Collectors.toSet()));
  }

  /** Other policies may select these pods now. */
  private void reconsider(Set<PodName> names) {
    locals.values().stream()
        .filter(local -> names.contains(local.name()))
        .forEach(local -> unsettled.add(local.id()));
    names.stream().filter(bound::contains).forEach(unprepared::add);
  }

  private void changePod(PodName name, Optional<ClusterPod> next) {
    Optional<ClusterPod> old = pods.pod(name);
    if (old.equals(next)) {
      return;
    }
    List<IpAddress> addresses = new ArrayList<>();
    old.ifPresent(pod -> addresses.addAll(pods.claimed(pod)));
    next.ifPresent(pod -> addresses.addAll(pods.claimed(pod)));
    reassign(name, addresses, () -> next.ifPresentOrElse(pods::put, () -> pods.remove(name)));
    reconsider(Set.of(name));
  }

  /** Runs a change of the directory between taking out and putting in whom it may concern. */
  private void reassign(PodName name, List<IpAddress> addresses, Runnable change) {
    Set<PodName> concerned = pods.claimants(addresses);
    concerned.add(name);
    concerned.forEach(other -> pods.pod(other).ifPresent(this::retract));
    change.run();
    concerned.forEach(other -> pods.pod(other).ifPresent(this::contribute));
  }

  private void changePolicy(PolicyId id, Optional<Policy> next) {
    Optional<Policy> old = Optional.ofNullable(policies.get(id));
    if (old.equals(next)) {
      return;
    }
    old.ifPresent(policy -> subjects.remove(policy.subject(), id));
    next.ifPresentOrElse(policy -> policies.put(id, policy), () -> policies.remove(id));
    next.ifPresent(policy -> subjects.add(policy.subject(), id));
    next.ifPresent(classes::edit);
    hostsUnsettled |=
        hosts.active().all().stream()
            .anyMatch(endpoint -> isSubject(endpoint, old) || isSubject(endpoint, next));
    for (LocalPod local : locals.values()) {
      if (pods.ofUid(local).filter(pod -> isSubject(pod, old, next)).isPresent()) {
        unsettled.add(local.id());
      }
    }
    for (PodName name : bound) {
      if (pods.pod(name).filter(pod -> isSubject(pod, old, next)).isPresent()) {
        unprepared.add(name);
      }
    }
  }

  private void changeTier(String name, Optional<Tier> now) {
    // Those that always exist outlive their objects.
    Optional<Tier> next =
        now.or(() -> Tier.STATIC.stream().filter(tier -> tier.name().equals(name)).findFirst());
    if (next.equals(Optional.ofNullable(tiers.get(name)))) {
      return;
    }
    next.ifPresentOrElse(tier -> tiers.put(name, tier), () -> tiers.remove(name));
    // A rare change: looking for the policies of the tier would be more than placing all anew.
    unsettled.addAll(locals.keySet());
    unprepared.addAll(bound);
    hostsUnsettled = true;
  }

  private static boolean isSubject(HostEndpoint endpoint, Optional<Policy> policy) {
    return policy
        .map(Policy::subject)
        .filter(query -> query.view() == PodQuery.View.INHERITED)
        .filter(query -> query.matchesGlobal(endpoint.labels()))
        .isPresent();
  }

  /** The policies of known tiers that select a host endpoint. */
  private List<Policy> selecting(HostEndpoint endpoint) {
    List<Policy> selecting = new ArrayList<>();
    subjects
        .index(PodQuery.View.INHERITED)
        .matchingGlobal(
            endpoint.labels(), id -> selecting.add(Objects.requireNonNull(policies.get(id))));
    return selecting.stream().filter(policy -> tiers.containsKey(policy.tier())).toList();
  }

  private boolean isSubject(ClusterPod pod, Optional<Policy> old, Optional<Policy> next) {
    PodView view = labels.view(pod);
    return Stream.of(old, next)
        .flatMap(Optional::stream)
        .anyMatch(policy -> view.matches(policy.subject()));
  }

  private void wire(LocalPod local) {
    if (local.equals(locals.get(local.id()))) {
      return;
    }
    // The address was given out again, so whoever had it is gone though nobody said so.
    List<EndpointId> evicted =
        local.addresses().stream()
            .map(wiredWith::get)
            .filter(Objects::nonNull)
            .filter(holder -> !holder.equals(local.id()))
            .distinct()
            .toList();
    evicted.forEach(this::unwire);
    rewire(Optional.ofNullable(locals.get(local.id())), Optional.of(local));
  }

  private void unwire(EndpointId id) {
    Optional.ofNullable(locals.get(id))
        .ifPresent(old -> rewire(Optional.of(old), Optional.empty()));
  }

  private void rewire(Optional<LocalPod> old, Optional<LocalPod> next) {
    LocalPod local = next.or(() -> old).orElseThrow();
    List<IpAddress> addresses = new ArrayList<>(local.addresses());
    old.ifPresent(o -> addresses.addAll(o.addresses()));
    pods.ofUid(local).ifPresent(pod -> addresses.addAll(pod.addresses()));
    reassign(
        local.name(), addresses, () -> next.ifPresentOrElse(pods::wire, () -> pods.unwire(local)));
    old.ifPresent(o -> o.addresses().forEach(wiredWith::remove));
    next.ifPresent(n -> n.addresses().forEach(address -> wiredWith.put(address, n.id())));
    next.ifPresentOrElse(n -> locals.put(n.id(), n), () -> locals.remove(local.id()));
    unsettled.add(local.id());
  }

  private void place(LocalPod local) {
    Map<Direction, PolicyClass> next = new TreeMap<>();
    Optional<ClusterPod> pod = enforceable(local);
    pod.ifPresent(known -> next.putAll(classesOf(known)));
    Optional<PolicyClass> toOwnNode =
        Optional.ofNullable(next.get(Direction.EGRESS)).flatMap(PolicyClass::toOwnNode);
    next.values().forEach(policyClass -> classes.acquire(policyClass, policies));
    toOwnNode.ifPresent(policyClass -> classes.acquire(policyClass, policies));
    elements.put(local, pod.isPresent(), next, toOwnNode);
  }

  /** Takes the classes a bound pod will need and returns those held for it before. */
  private Collection<PolicyClass> prepare(PodName name) {
    Collection<PolicyClass> next =
        pods.pod(name)
            .filter(pod -> bound.contains(name) && !pod.finished())
            .map(this::neededBy)
            .orElse(List.of());
    next.forEach(policyClass -> classes.acquire(policyClass, policies));
    Collection<PolicyClass> before =
        next.isEmpty() ? prepared.remove(name) : prepared.put(name, next);
    return before == null ? List.of() : before;
  }

  private Collection<PolicyClass> neededBy(ClusterPod pod) {
    Map<Direction, PolicyClass> own = classesOf(pod);
    List<PolicyClass> needed = new ArrayList<>(own.values());
    Optional.ofNullable(own.get(Direction.EGRESS))
        .flatMap(PolicyClass::toOwnNode)
        .ifPresent(needed::add);
    return needed;
  }

  private Optional<ClusterPod> enforceable(LocalPod local) {
    return pods.ofUid(local).filter(pod -> !pod.finished());
  }

  private Map<Direction, PolicyClass> classesOf(ClusterPod pod) {
    List<Policy> selecting = new ArrayList<>();
    subjects.matching(
        labels.view(pod), id -> selecting.add(Objects.requireNonNull(policies.get(id))));
    Map<Direction, PolicyClass> result = new TreeMap<>();
    for (Direction direction : Direction.values()) {
      List<Policy> isolating =
          selecting.stream()
              .filter(policy -> policy.directions().contains(direction))
              .filter(policy -> policy.reach().includesPods())
              .filter(policy -> tiers.containsKey(policy.tier()))
              .toList();
      if (!isolating.isEmpty()) {
        result.put(direction, PolicyClass.of(direction, isolating, tiers));
      }
    }
    return result;
  }

  private void retract(ClusterPod pod) {
    if (labels.knows(pod.name().namespace())) {
      sets.retract(labels.view(pod), pods.owned(pod));
    }
  }

  /** A pod whose namespace is not known yet is nobody's peer: negations would match it wrongly. */
  private void contribute(ClusterPod pod) {
    if (labels.knows(pod.name().namespace())) {
      sets.contribute(labels.view(pod), pods.owned(pod));
    }
  }

  private void retract(NetworkSet set) {
    labels.view(set).ifPresent(view -> sets.retract(view, set.blocks()));
  }

  private void contribute(NetworkSet set) {
    labels.view(set).ifPresent(view -> sets.contribute(view, set.blocks()));
  }

  private void forEachMatching(SetSpec.OfPods set, SetRegistry.Visitor visitor) {
    for (String namespace : labels.reached(set.query())) {
      for (ClusterPod pod : pods.inNamespace(namespace)) {
        if (labels.view(pod).matches(set.query())) {
          visitor.visit(pod, pods.owned(pod));
        }
      }
    }
    for (NetworkSet networkSet : networks.all()) {
      if (labels.view(networkSet).filter(view -> view.matches(set.query())).isPresent()) {
        visitor.visit(networkSet.blocks());
      }
    }
    for (HostEndpoint endpoint : hosts.all()) {
      if (set.query().view() == PodQuery.View.INHERITED
          && set.query().matchesGlobal(endpoint.labels())) {
        visitor.visit(endpoint);
      }
    }
  }
}
