package io.portolan.aws;

import io.portolan.aws.ec2.Ec2Action;
import io.portolan.aws.ec2.Ec2Api;
import io.portolan.aws.ec2.Ec2Catalog;
import io.portolan.aws.ec2.Ec2Faults;
import io.portolan.aws.ec2.Ec2Instance;
import io.portolan.aws.ec2.Ec2Interface;
import io.portolan.aws.ec2.Ec2Reply;
import io.portolan.aws.ec2.Ec2Subnet;
import io.portolan.aws.ec2.InterfaceQuery;
import io.portolan.aws.ec2.Listing;
import io.portolan.aws.ec2.NewInterface;
import io.portolan.aws.layout.EniTags;
import io.portolan.aws.limits.InstanceTypeCatalog;
import io.portolan.common.cloud.ActionToken;
import io.portolan.common.cloud.ApiOperation;
import io.portolan.common.cloud.Attachment;
import io.portolan.common.cloud.AttachmentId;
import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.CloudCapabilities;
import io.portolan.common.cloud.CloudFault;
import io.portolan.common.cloud.CloudNetwork;
import io.portolan.common.cloud.CloudOutcome;
import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.InterfaceId;
import io.portolan.common.cloud.ObservationScope;
import io.portolan.common.cloud.ObserveOutcome;
import io.portolan.common.cloud.SecurityGroupId;
import io.portolan.common.cloud.SubnetId;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * EC2 as the shared planner sees it: four listings make an observation, one changing call performs
 * an action.
 *
 * <p>An observation reads instances first, because they name the VPC; then the VPC's ENIs, subnets
 * and blocks, each in one listing for all nodes. An ENI that is attached between the first listing
 * and the second shows up attached to a machine already known; one whose instance appeared in
 * between is left out until the next observation, never mistaken for an orphan.
 */
public final class AwsCloudNetwork implements CloudNetwork {

  /** What EC2 can do. */
  public static final CloudCapabilities CAPABILITIES =
      new CloudCapabilities(true, true, 50, true, Duration.ofSeconds(10), Duration.ofMinutes(2));

  private static final Duration TOKEN_MEMORY = Duration.ofHours(1);

  private final Ec2Api ec2;
  private final InstanceTypeCatalog types;
  private final String cluster;
  private final InstantSource clock;
  private final EniSettling settling;

  private final Map<ActionToken, Instant> firstTried = new ConcurrentHashMap<>();

  /** An ENI never changes its subnet, and the exhaustion of a subnet must name it. */
  private final Map<InterfaceId, SubnetId> subnetOf = new ConcurrentHashMap<>();

  /**
   * @param cluster the value of the cluster tag: what carries it is ours to detach and delete
   */
  public AwsCloudNetwork(
      Ec2Api ec2, InstanceTypeCatalog types, String cluster, InstantSource clock) {
    this(ec2, types, cluster, clock, Thread::sleep);
  }

  AwsCloudNetwork(
      Ec2Api ec2,
      InstanceTypeCatalog types,
      String cluster,
      InstantSource clock,
      EniSettling.Pause pause) {
    this.ec2 = ec2;
    this.types = types;
    this.cluster = cluster;
    this.clock = clock;
    this.settling = new EniSettling(ec2, clock, pause, CAPABILITIES.settleTime());
  }

  @Override
  public ObserveOutcome observe(ObservationScope scope) {
    Instant observedAt = clock.instant();
    Calls calls = new Calls();
    List<String> ids = scope.machines().values().stream().map(InstanceId::value).toList();
    Ec2Reply<ObserveOutcome> reply =
        calls
            .listed(Ec2Action.DESCRIBE_INSTANCES, ec2.describeInstances(ids))
            .then(instances -> observeAround(scope, instances, observedAt, calls));
    return switch (reply) {
      case Ec2Reply.Done<ObserveOutcome> done -> done.value();
      case Ec2Reply.Failed<ObserveOutcome> failed ->
          new ObserveOutcome.Failed(
              Ec2Faults.fault(
                  failed.error(),
                  Ec2Faults.Subject.of(failed.error().action().apiName() + " of " + cluster)));
    };
  }

  private Ec2Reply<ObserveOutcome> observeAround(
      ObservationScope scope, List<Ec2Instance> instances, Instant observedAt, Calls calls) {
    NavigableSet<String> vpcs = new TreeSet<>();
    instances.forEach(instance -> instance.vpcId().ifPresent(vpcs::add));
    NavigableSet<String> typeNames = new TreeSet<>();
    instances.forEach(instance -> typeNames.add(instance.type()));
    calls.add(Ec2Action.DESCRIBE_INSTANCE_TYPES, types.learn(typeNames));

    List<Ec2Interface> interfaces = new ArrayList<>();
    List<Ec2Subnet> subnets = new ArrayList<>();
    List<Cidr> vpcCidrs = new ArrayList<>();
    for (InterfaceQuery query : queries(scope, instances, vpcs)) {
      Ec2Reply<Boolean> read =
          calls
              .listed(Ec2Action.DESCRIBE_NETWORK_INTERFACES, ec2.describeInterfaces(query))
              .map(interfaces::addAll);
      if (read instanceof Ec2Reply.Failed<Boolean> failed) {
        return failed.as();
      }
    }
    for (String vpc : vpcs) {
      Ec2Reply<Boolean> read =
          calls
              .listed(Ec2Action.DESCRIBE_SUBNETS, ec2.describeSubnets(vpc))
              .map(subnets::addAll)
              .then(_ -> ec2.describeVpcCidrs(vpc))
              .map(cidrs -> vpcCidrs.addAll(cidrs.orElse(List.of())));
      if (read instanceof Ec2Reply.Failed<Boolean> failed) {
        return failed.as();
      }
      calls.add(Ec2Action.DESCRIBE_VPCS, 1);
    }
    remember(scope, interfaces);
    return new Ec2Reply.Done<>(
        new ObserveOutcome.Observed(
            new Ec2View(cluster, types::limits)
                .observation(observedAt, scope, instances, interfaces, subnets, vpcCidrs),
            calls.counts()));
  }

  private void remember(ObservationScope scope, List<Ec2Interface> interfaces) {
    Map<InterfaceId, SubnetId> seen = new HashMap<>();
    interfaces.forEach(i -> seen.put(new InterfaceId(i.id()), new SubnetId(i.subnetId())));
    if (scope.orphans()) {
      subnetOf.keySet().retainAll(seen.keySet());
    }
    subnetOf.putAll(seen);
  }

  /**
   * A whole VPC is one listing for all nodes, orphans included. Orphans of a cluster without nodes
   * are found by their tag.
   */
  private List<InterfaceQuery> queries(
      ObservationScope scope, List<Ec2Instance> instances, Collection<String> vpcs) {
    if (!scope.orphans()) {
      return List.of(
          new InterfaceQuery.OfInstances(instances.stream().map(Ec2Instance::id).toList()));
    }
    if (vpcs.isEmpty()) {
      return List.of(new InterfaceQuery.Tagged(EniTags.CLUSTER, cluster));
    }
    return vpcs.stream().<InterfaceQuery>map(InterfaceQuery.OfVpc::new).toList();
  }

  @Override
  public CloudOutcome execute(CloudAction action) {
    return switch (action) {
      case CloudAction.CreateInterface create -> create(create);
      case CloudAction.AttachInterface attach -> attach(attach);
      case CloudAction.DeleteWithMachine a ->
          plain(
              subject("make EC2 delete " + a.interfaceId() + " with the instance of " + a.node())
                  .on(a.interfaceId()),
              ec2.deleteOnTermination(a.interfaceId().value(), a.attachment().value()));
      case CloudAction.AssignAddresses assign -> assign(assign);
      case CloudAction.AssignPrefixes assign -> assign(assign);
      case CloudAction.Unassign a ->
          plain(
              subject("take " + a.cidrs() + " off " + a.interfaceId() + " of " + a.node())
                  .on(a.interfaceId()),
              a.cidrs().getFirst().family() == IpFamily.IPV4
                  ? ec2.unassignIpv4(a.interfaceId().value(), a.cidrs())
                  : ec2.unassignIpv6(a.interfaceId().value(), a.cidrs()));
      case CloudAction.DetachInterface detach -> detach(detach);
      case CloudAction.DeleteInterface a ->
          plain(
              subject("delete " + a.interfaceId() + " of " + a.node()).on(a.interfaceId()),
              ec2.deleteInterface(a.interfaceId().value()));
      case CloudAction.AssignNodeCidr _, CloudAction.ReleaseNodeCidr _ ->
          new CloudOutcome.Failed(
              new CloudFault.Invalid(
                  new CloudFault.Detail(
                      "NotOnEc2", "EC2 routes no block to a node as a whole", action.toString())));
    };
  }

  private CloudOutcome create(CloudAction.CreateInterface action) {
    NewInterface wanted =
        new NewInterface(
            clientToken(action.token()),
            action.subnet().value(),
            action.groups().stream().map(SecurityGroupId::value).toList(),
            "Portolan: pods of " + action.node() + " (" + action.instance() + ")",
            EniTags.forNew(cluster, action.node(), action.instance(), firstTried(action.token())),
            action.addresses(),
            action.prefixes());
    CloudOutcome outcome =
        applied(
            subject("create an ENI for " + action.node() + " in " + action.subnet())
                .in(action.subnet())
                .of(action.instance())
                .forPrefixes(action.prefixes() > 0),
            ec2.createInterface(wanted),
            created -> {
              subnetOf.put(new InterfaceId(created.id()), action.subnet());
              return Ec2View.observed(cluster, created)
                  .map(CloudOutcome.Facts::ofInterface)
                  .orElse(CloudOutcome.Facts.NONE);
            });
    if (!(outcome instanceof CloudOutcome.Unknown)) {
      firstTried.remove(action.token());
    }
    return outcome;
  }

  /**
   * A repeated request must be the same to the letter, its creation tag included, or EC2 refuses
   * the token. Only creations whose reply was lost are remembered, and only while that matters.
   */
  private Instant firstTried(ActionToken token) {
    Instant now = clock.instant();
    firstTried.values().removeIf(tried -> tried.plus(TOKEN_MEMORY).isBefore(now));
    return firstTried.computeIfAbsent(token, _ -> now);
  }

  /** EC2 takes 64 characters; node names are longer. */
  private static String clientToken(ActionToken token) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(token.value().getBytes(StandardCharsets.UTF_8));
      return "portolan-" + HexFormat.of().formatHex(digest, 0, 20);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  private CloudOutcome attach(CloudAction.AttachInterface action) {
    CloudOutcome begun =
        applied(
            subject(
                    "attach %s to %s as device %d"
                        .formatted(action.interfaceId(), action.instance(), action.deviceIndex()))
                .on(action.interfaceId())
                .of(action.instance()),
            ec2.attachInterface(
                action.interfaceId().value(),
                action.instance().value(),
                action.deviceIndex(),
                action.networkCard()),
            id ->
                CloudOutcome.Facts.ofAttachment(
                    new Attachment(
                        Optional.of(new AttachmentId(id)),
                        action.instance(),
                        action.networkCard(),
                        action.deviceIndex(),
                        false)));
    return begun instanceof CloudOutcome.Applied && !settling.attached(action.interfaceId())
        ? new CloudOutcome.Unknown(action.interfaceId() + " was not seen attached in time")
        : begun;
  }

  private CloudOutcome assign(CloudAction.AssignAddresses action) {
    String id = action.interfaceId().value();
    return applied(
        assigning(action.interfaceId(), action.count() + " addresses", action),
        switch (action.family()) {
          case IPV4 -> ec2.assignAddresses(id, action.count());
          case IPV6 -> ec2.assignIpv6Addresses(id, action.count());
        },
        assigned ->
            CloudOutcome.Facts.ofAssigned(assigned.stream().map(IpAddress::toCidr).toList()));
  }

  private CloudOutcome assign(CloudAction.AssignPrefixes action) {
    String id = action.interfaceId().value();
    return applied(
        assigning(action.interfaceId(), action.count() + " prefixes", action).forPrefixes(true),
        switch (action.family()) {
          case IPV4 -> ec2.assignPrefixes(id, action.count());
          case IPV6 -> ec2.assignIpv6Prefixes(id, action.count());
        },
        CloudOutcome.Facts::ofAssigned);
  }

  private CloudOutcome detach(CloudAction.DetachInterface action) {
    if (action.attachment().isEmpty()) {
      // Detached already: the plan was made from an older picture.
      return CloudOutcome.Applied.PLAIN;
    }
    CloudOutcome begun =
        plain(
            subject("detach " + action.interfaceId() + " from " + action.node())
                .on(action.interfaceId()),
            ec2.detachInterface(action.attachment().get().value()));
    return begun instanceof CloudOutcome.Applied && !settling.detached(action.interfaceId())
        ? new CloudOutcome.Unknown(action.interfaceId() + " was not seen detached in time")
        : begun;
  }

  private Ec2Faults.Subject assigning(InterfaceId id, String what, CloudAction action) {
    Ec2Faults.Subject subject =
        subject("assign " + what + " to " + id + " of " + action.node()).on(id);
    SubnetId subnet = subnetOf.get(id);
    return subnet == null ? subject : subject.in(subnet);
  }

  private static Ec2Faults.Subject subject(String request) {
    return Ec2Faults.Subject.of(request);
  }

  private static CloudOutcome plain(Ec2Faults.Subject subject, Ec2Reply<Ec2Reply.Nothing> reply) {
    return applied(subject, reply, _ -> CloudOutcome.Facts.NONE);
  }

  private static <T> CloudOutcome applied(
      Ec2Faults.Subject subject, Ec2Reply<T> reply, Function<T, CloudOutcome.Facts> facts) {
    return switch (reply) {
      case Ec2Reply.Done<T> done -> new CloudOutcome.Applied(facts.apply(done.value()));
      case Ec2Reply.Failed<T> failed -> Ec2Faults.outcome(failed.error(), subject);
    };
  }

  /** Requests made by one observation, for the account's budget. */
  private static final class Calls {
    private final SortedMap<ApiOperation, Integer> counts = new TreeMap<>();

    void add(Ec2Action action, int requests) {
      if (requests > 0) {
        counts.merge(Ec2Catalog.operation(action), requests, Integer::sum);
      }
    }

    /** Passes on the items of a listing and counts its pages. */
    <T> Ec2Reply<List<T>> listed(Ec2Action action, Ec2Reply<Listing<T>> reply) {
      return reply.map(listing -> {
        add(action, listing.requests());
        return listing.items();
      });
    }

    SortedMap<ApiOperation, Integer> counts() {
      return counts;
    }
  }
}
