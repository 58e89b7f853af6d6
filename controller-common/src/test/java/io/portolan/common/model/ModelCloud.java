package io.portolan.common.model;

import io.portolan.common.cloud.Attachment;
import io.portolan.common.cloud.AttachmentId;
import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.CloudFault;
import io.portolan.common.cloud.CloudNetwork;
import io.portolan.common.cloud.CloudObservation;
import io.portolan.common.cloud.CloudOutcome;
import io.portolan.common.cloud.ExhaustedScope;
import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.InstanceLimits;
import io.portolan.common.cloud.InterfaceId;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.ObservationScope;
import io.portolan.common.cloud.ObserveOutcome;
import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.cloud.ObservedMachine;
import io.portolan.common.cloud.ObservedSubnet;
import io.portolan.common.cloud.SubnetId;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.MacAddress;
import io.portolan.common.pool.PoolExplain;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;

/**
 * A cloud like EC2 in memory: interfaces with slots, machines with limits, subnets that run out and
 * fragment, readings that lag, replies that get lost.
 */
public final class ModelCloud implements CloudNetwork {
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Map<SubnetId, ModelSubnet> subnets = new TreeMap<>();
  private final Map<InstanceId, Machine> machines = new TreeMap<>();
  private Map<InterfaceId, ObservedInterface> interfaces = new TreeMap<>();
  private final Deque<Past> past = new ArrayDeque<>();
  private final Map<String, Integer> calls = new TreeMap<>();
  private final List<String> log = new ArrayList<>();
  private BiConsumer<NodeName, Cidr> taken = (node, cidr) -> {};
  private Faults faults = Faults.NONE;
  private int limitRefusals;
  private int serial;

  /**
   * @param lag readings may be this old
   */
  public record Faults(double throttle, double unsent, double lostReply, Duration lag) {
    public static final Faults NONE = new Faults(0, 0, 0, Duration.ZERO);
  }

  private record Machine(
      NodeName node, InstanceId id, String type, InstanceLimits limits, SubnetId subnet) {}

  private record Past(Instant until, Map<InterfaceId, ObservedInterface> interfaces) {}

  public ModelCloud(InstantSource clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  public void faults(Faults now) {
    faults = now;
  }

  /** Told of every address that is taken from a node, at the moment it is. */
  public void onTaken(BiConsumer<NodeName, Cidr> guard) {
    taken = guard;
  }

  public void addSubnet(String id, String zone, String cidr) {
    subnets.put(new SubnetId(id), new ModelSubnet(new SubnetId(id), zone, Cidr.parse(cidr)));
  }

  public void fragment(String id, boolean fragmented) {
    ModelSubnet subnet = subnet(new SubnetId(id));
    if (fragmented) {
      subnet.fragment();
    } else {
      subnet.defragment();
    }
  }

  /** Starts a machine with its primary interface. */
  public void start(NodeName node, InstanceId id, InstanceLimits limits, String subnet) {
    machines.put(id, new Machine(node, id, "m5.large", limits, new SubnetId(subnet)));
    ObservedInterface primary =
        create(Optional.empty(), subnet(new SubnetId(subnet)), List.of(), List.of());
    put(
        primary.withState(
            ObservedInterface.State.ATTACHED,
            Optional.of(new Attachment(Optional.of(attachmentId()), id, 0, 0, true))));
  }

  /** Ends a machine: interfaces that die with it do, others become loose. */
  public void terminate(InstanceId id) {
    machines.remove(id);
    for (ObservedInterface held : List.copyOf(interfaces.values())) {
      Optional<Attachment> bond = held.attachment().filter(a -> a.instance().equals(id));
      if (bond.isPresent()) {
        if (bond.get().deletedWithMachine()) {
          giveBack(held);
          remove(held.id());
        } else {
          put(held.withState(ObservedInterface.State.AVAILABLE, Optional.empty()));
        }
      }
    }
  }

  @Override
  public ObserveOutcome observe(ObservationScope scope) {
    count("observe");
    if (random.nextDouble() < faults.throttle()) {
      return new ObserveOutcome.Failed(throttled("observe"));
    }
    Instant now = clock.instant();
    return new ObserveOutcome.Observed(observation(scope, now, seenInterfaces(now)), Map.of());
  }

  /** The truth, whatever readings show. */
  public List<ObservedInterface> interfaces() {
    return List.copyOf(interfaces.values());
  }

  public Map<String, Integer> calls() {
    return calls;
  }

  /** Changing calls in order, with their outcome. */
  public List<String> log() {
    return log;
  }

  public int changes() {
    return log.size();
  }

  /** How often a call went over a limit of machine or interface. */
  public int limitRefusals() {
    return limitRefusals;
  }

  @Override
  public CloudOutcome execute(CloudAction action) {
    count(action.getClass().getSimpleName());
    CloudOutcome outcome = answer(action);
    log.add(
        clock.instant()
            + " "
            + action.node()
            + " "
            + PoolExplain.line(action)
            + " -> "
            + switch (outcome) {
              case CloudOutcome.Applied applied -> "applied " + gained(applied.facts());
              case CloudOutcome.Failed failed -> failed.fault().reason();
              case CloudOutcome.Unknown _ -> "unknown";
            });
    return outcome;
  }

  private static String gained(CloudOutcome.Facts facts) {
    return facts.interfaceNow().map(i -> i.id() + " " + i.addresses() + i.prefixes()).orElse("")
        + (facts.assigned().isEmpty() ? "" : facts.assigned());
  }

  private CloudOutcome answer(CloudAction action) {
    double luck = random.nextDouble();
    if (luck < faults.throttle()) {
      return new CloudOutcome.Failed(throttled(action.getClass().getSimpleName()));
    }
    if (luck < faults.throttle() + faults.unsent()) {
      return new CloudOutcome.Unknown("the request got lost");
    }
    CloudOutcome outcome = apply(action);
    return outcome instanceof CloudOutcome.Applied && random.nextDouble() < faults.lostReply()
        ? new CloudOutcome.Unknown("the reply got lost")
        : outcome;
  }

  private CloudOutcome apply(CloudAction action) {
    return switch (action) {
      case CloudAction.CreateInterface create -> create(create);
      case CloudAction.AttachInterface attach -> attach(attach);
      case CloudAction.DeleteWithMachine protect -> protect(protect);
      case CloudAction.AssignAddresses assign -> assign(assign.interfaceId(), assign.count(), 0);
      case CloudAction.AssignPrefixes assign -> assign(assign.interfaceId(), 0, assign.count());
      case CloudAction.Unassign unassign -> unassign(unassign);
      case CloudAction.DetachInterface detach -> detach(detach);
      case CloudAction.DeleteInterface delete -> delete(delete);
      case CloudAction.AssignNodeCidr _, CloudAction.ReleaseNodeCidr _ ->
          failed(new CloudFault.Invalid(detail("NoSuchAction")));
    };
  }

  private CloudOutcome create(CloudAction.CreateInterface action) {
    ModelSubnet subnet = subnet(action.subnet());
    Optional<List<IpAddress>> singles = subnet.takeSingles(action.addresses(), random);
    if (singles.isEmpty() || subnet.free() < 1) {
      singles.ifPresent(all -> all.forEach(a -> subnet.giveBack(a.toCidr())));
      return exhausted(new ExhaustedScope.Subnet(subnet.id));
    }
    Optional<List<Cidr>> blocks = subnet.takeBlocks(action.prefixes());
    if (blocks.isEmpty()) {
      return exhausted(new ExhaustedScope.FragmentedSubnet(subnet.id));
    }
    if (subnet.free() < 1) {
      blocks.get().forEach(subnet::giveBack);
      return exhausted(new ExhaustedScope.Subnet(subnet.id));
    }
    ObservedInterface made =
        create(Optional.of(action.node()), subnet, singles.get(), blocks.get());
    return new CloudOutcome.Applied(CloudOutcome.Facts.ofInterface(made));
  }

  private ObservedInterface create(
      Optional<NodeName> node, ModelSubnet subnet, List<IpAddress> singles, List<Cidr> blocks) {
    int number = ++serial;
    ObservedInterface made =
        new ObservedInterface(
            new InterfaceId(String.format("eni-%04d", number)),
            node.isPresent(),
            false,
            node,
            Optional.of(clock.instant()),
            subnet.id,
            new MacAddress(0x0a0000000000L + number),
            subnet.takeSingles(1, random).orElseThrow().getFirst(),
            singles,
            blocks,
            List.of(),
            ObservedInterface.State.AVAILABLE,
            Optional.empty());
    put(made);
    return made;
  }

  private CloudOutcome attach(CloudAction.AttachInterface action) {
    ObservedInterface loose = interfaces.get(action.interfaceId());
    Machine machine = machines.get(action.instance());
    if (loose == null || machine == null) {
      return gone(action.interfaceId().value());
    }
    long held = interfaces.values().stream().filter(i -> attachedTo(i, action.instance())).count();
    boolean taken =
        interfaces.values().stream()
            .filter(i -> attachedTo(i, action.instance()))
            .anyMatch(i -> i.attachment().orElseThrow().deviceIndex() == action.deviceIndex());
    if (loose.state() != ObservedInterface.State.AVAILABLE || taken) {
      return failed(new CloudFault.Conflict(detail("InUse")));
    }
    if (held >= machine.limits().interfaces()) {
      limitRefusals++;
      return exhausted(new ExhaustedScope.Machine(machine.id()));
    }
    Attachment bond =
        new Attachment(
            Optional.of(attachmentId()),
            action.instance(),
            action.networkCard(),
            action.deviceIndex(),
            false);
    put(loose.withState(ObservedInterface.State.ATTACHED, Optional.of(bond)));
    return new CloudOutcome.Applied(CloudOutcome.Facts.ofAttachment(bond));
  }

  private CloudOutcome protect(CloudAction.DeleteWithMachine action) {
    ObservedInterface held = interfaces.get(action.interfaceId());
    if (held == null || held.attachment().isEmpty()) {
      return gone(action.interfaceId().value());
    }
    Attachment bond = held.attachment().get();
    put(
        held.withState(
            held.state(),
            Optional.of(
                new Attachment(
                    bond.id(), bond.instance(), bond.networkCard(), bond.deviceIndex(), true))));
    return CloudOutcome.Applied.PLAIN;
  }

  private CloudOutcome assign(InterfaceId id, int singles, int blocks) {
    ObservedInterface held = interfaces.get(id);
    if (held == null) {
      return gone(id.value());
    }
    Machine machine = held.attachment().map(a -> machines.get(a.instance())).orElse(null);
    if (machine != null
        && held.slotsTaken() + singles + blocks > machine.limits().slotsPerInterface()) {
      limitRefusals++;
      return exhausted(new ExhaustedScope.Interface(id));
    }
    ModelSubnet subnet = subnet(held.subnet());
    Optional<List<IpAddress>> addresses = subnet.takeSingles(singles, random);
    Optional<List<Cidr>> prefixes = subnet.takeBlocks(blocks);
    if (addresses.isEmpty()) {
      return exhausted(new ExhaustedScope.Subnet(subnet.id));
    }
    if (prefixes.isEmpty()) {
      return exhausted(new ExhaustedScope.FragmentedSubnet(subnet.id));
    }
    List<IpAddress> allSingles = new ArrayList<>(held.addresses());
    allSingles.addAll(addresses.get());
    List<Cidr> allBlocks = new ArrayList<>(held.prefixes());
    allBlocks.addAll(prefixes.get());
    put(held.withAddresses(allSingles, allBlocks));
    List<Cidr> gained = new ArrayList<>(prefixes.get());
    addresses.get().forEach(a -> gained.add(a.toCidr()));
    return new CloudOutcome.Applied(CloudOutcome.Facts.ofAssigned(gained));
  }

  private CloudOutcome unassign(CloudAction.Unassign action) {
    ObservedInterface held = interfaces.get(action.interfaceId());
    if (held == null) {
      return gone(action.interfaceId().value());
    }
    List<IpAddress> singles = new ArrayList<>(held.addresses());
    List<Cidr> blocks = new ArrayList<>(held.prefixes());
    for (Cidr cidr : action.cidrs()) {
      boolean had = cidr.isSingleAddress() ? singles.remove(cidr.network()) : blocks.remove(cidr);
      if (had) {
        taken.accept(action.node(), cidr);
        subnet(held.subnet()).giveBack(cidr);
      }
    }
    put(held.withAddresses(singles, blocks));
    return CloudOutcome.Applied.PLAIN;
  }

  private CloudOutcome detach(CloudAction.DetachInterface action) {
    ObservedInterface held = interfaces.get(action.interfaceId());
    if (held == null || held.attachment().isEmpty()) {
      return gone(action.interfaceId().value());
    }
    if (held.isPrimary()) {
      throw new AssertionError("a primary interface was to be detached: " + held);
    }
    held.addresses().forEach(a -> taken.accept(action.node(), a.toCidr()));
    held.prefixes().forEach(p -> taken.accept(action.node(), p));
    put(held.withState(ObservedInterface.State.AVAILABLE, Optional.empty()));
    return CloudOutcome.Applied.PLAIN;
  }

  private CloudOutcome delete(CloudAction.DeleteInterface action) {
    ObservedInterface loose = interfaces.get(action.interfaceId());
    if (loose == null) {
      return gone(action.interfaceId().value());
    }
    if (loose.state() != ObservedInterface.State.AVAILABLE) {
      return failed(new CloudFault.Conflict(detail("InUse")));
    }
    if (!loose.ours()) {
      throw new AssertionError("an interface that is not ours was to be deleted: " + loose);
    }
    giveBack(loose);
    remove(loose.id());
    return CloudOutcome.Applied.PLAIN;
  }

  private CloudObservation observation(
      ObservationScope scope, Instant now, Map<InterfaceId, ObservedInterface> seen) {
    Map<InstanceId, List<ObservedInterface>> byMachine = new TreeMap<>();
    List<ObservedInterface> loose = new ArrayList<>();
    for (ObservedInterface each : seen.values()) {
      if (each.attachment().isPresent()) {
        byMachine
            .computeIfAbsent(each.attachment().get().instance(), _ -> new ArrayList<>())
            .add(each);
      } else if (each.ours()) {
        loose.add(each);
      }
    }
    TreeMap<NodeName, ObservedMachine> observed = new TreeMap<>();
    scope
        .machines()
        .forEach((node, id) -> {
          Machine machine = machines.get(id);
          if (machine != null) {
            observed.put(
                node,
                new ObservedMachine(
                    node,
                    id,
                    machine.type(),
                    subnet(machine.subnet()).zone,
                    ObservedMachine.State.RUNNING,
                    machine.limits(),
                    byMachine.getOrDefault(id, List.of())));
          }
        });
    TreeMap<SubnetId, ObservedSubnet> shown = new TreeMap<>();
    subnets.forEach((id, subnet) ->
        shown.put(
            id,
            new ObservedSubnet(
                id,
                subnet.zone,
                List.of(subnet.cidr),
                OptionalInt.of(subnet.free()),
                new TreeMap<>())));
    return new CloudObservation(
        now, observed, loose, shown, new TreeMap<>(), List.of(Cidr.parse("10.0.0.0/8")));
  }

  /** Some state of the last while, not the newest of necessity. */
  private Map<InterfaceId, ObservedInterface> seenInterfaces(Instant now) {
    Instant asOld = now.minus(faults.lag());
    past.removeIf(p -> !p.until().isAfter(asOld));
    if (past.isEmpty() || random.nextBoolean()) {
      return interfaces;
    }
    return past.stream().skip(random.nextInt(past.size())).findFirst().orElseThrow().interfaces();
  }

  private void put(ObservedInterface changed) {
    remember();
    interfaces.put(changed.id(), changed);
  }

  private void remove(InterfaceId id) {
    remember();
    interfaces.remove(id);
  }

  private void remember() {
    if (faults.lag().isPositive()) {
      past.addLast(new Past(clock.instant(), interfaces));
      interfaces = new TreeMap<>(interfaces);
    }
  }

  private void giveBack(ObservedInterface of) {
    ModelSubnet subnet = subnet(of.subnet());
    subnet.giveBack(of.primaryAddress().toCidr());
    of.addresses().forEach(a -> subnet.giveBack(a.toCidr()));
    of.prefixes().forEach(subnet::giveBack);
  }

  private ModelSubnet subnet(SubnetId id) {
    ModelSubnet subnet = subnets.get(id);
    if (subnet == null) {
      throw new AssertionError("no subnet " + id);
    }
    return subnet;
  }

  private AttachmentId attachmentId() {
    return new AttachmentId("attach-" + ++serial);
  }

  private static boolean attachedTo(ObservedInterface held, InstanceId id) {
    return held.attachment().filter(a -> a.instance().equals(id)).isPresent();
  }

  private void count(String call) {
    calls.merge(call, 1, Integer::sum);
  }

  private static CloudFault throttled(String request) {
    return new CloudFault.Throttled(
        new CloudFault.Detail("RequestLimitExceeded", "", request), Optional.empty());
  }

  private static CloudFault.Detail detail(String code) {
    return new CloudFault.Detail(code, "", "model");
  }

  private static CloudOutcome failed(CloudFault fault) {
    return new CloudOutcome.Failed(fault);
  }

  private static CloudOutcome exhausted(ExhaustedScope scope) {
    return failed(new CloudFault.Exhausted(detail("Exhausted"), scope));
  }

  private static CloudOutcome gone(String what) {
    return failed(new CloudFault.NotFound(detail("NotFound"), what));
  }
}
