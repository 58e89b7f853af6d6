package io.portolan.sim.ec2.action;

import io.portolan.common.net.IpAddress;
import io.portolan.sim.ec2.model.Ec2Error;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.Instance;
import io.portolan.sim.ec2.model.InstanceType;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.ec2.model.Refusals;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.ec2.model.ResourceKind;
import io.portolan.sim.ec2.model.Subnet;
import io.portolan.sim.ec2.model.Transition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/** RunInstances: instances and their first interfaces, all or none. */
final class InstanceLaunch {
  private static final Pattern IMAGE = Pattern.compile("ami-[0-9a-f]{8}([0-9a-f]{9})?");
  private static final Set<ResourceKind> TAGGED =
      Set.of(ResourceKind.INSTANCE, ResourceKind.NETWORK_INTERFACE);

  /**
   * One interface of every instance launched.
   *
   * @param existing an interface made before, which only a single instance can take
   */
  private record Slot(
      int deviceIndex,
      Optional<Integer> card,
      boolean deleteOnTermination,
      Optional<ResourceId> existing,
      Optional<ResourceId> subnet,
      InterfaceSpec spec) {}

  private record Launched(Ec2State state, Instance instance) {}

  private InstanceLaunch() {}

  static Outcome run(Query query, Turn turn) {
    int least = query.integer("MinCount", 1, 1000).orElseThrow(() -> Refusals.missing("MinCount"));
    int most = query.integer("MaxCount", 1, 1000).orElseThrow(() -> Refusals.missing("MaxCount"));
    if (least > most) {
      throw Refusals.combination("MinCount must not exceed MaxCount");
    }
    String image = query.required("ImageId");
    if (!IMAGE.matcher(image).matches()) {
      throw new Ec2Error("InvalidAMIID.Malformed", "Invalid id: \"" + image + "\"").refusal();
    }
    String typeName = query.text("InstanceType").orElse("m5.large");
    InstanceType type =
        turn.place()
            .types()
            .find(typeName)
            .orElseThrow(
                () -> Refusals.invalid("Invalid value '" + typeName + "' for InstanceType."));
    List<Slot> slots = slots(query);
    if (most > 1 && slots.stream().anyMatch(s -> s.existing().isPresent())) {
      throw Refusals.combination(
          "A network interface id may not be specified when launching several instances");
    }
    acceptUnmodelled(query);

    ResourceId reservation = turn.newId(ResourceKind.RESERVATION);
    Ec2State state = turn.state();
    List<Instance> launched = new ArrayList<>();
    for (int index = 0; index < most; index++) {
      Launched one = launch(query, turn, state, slots, type, image, reservation, index);
      state = one.state();
      launched.add(one.instance());
    }
    return new Outcome(state, InstanceActions.reservation(turn, state, reservation, launched));
  }

  private static Launched launch(
      Query query,
      Turn turn,
      Ec2State before,
      List<Slot> slots,
      InstanceType type,
      String image,
      ResourceId reservation,
      int index) {
    ResourceId id = turn.newId(ResourceKind.INSTANCE);
    Ec2State state = before;
    List<NetworkInterface> interfaces = new ArrayList<>();
    for (Slot slot : slots) {
      if (slot.existing().isPresent()) {
        interfaces.add(state.networkInterface(slot.existing().get()));
      } else {
        ResourceId subnet = slot.subnet().orElseThrow(InstanceActions::noDefaultVpc);
        InterfaceMaker.Made made = InterfaceMaker.make(turn, state, subnet, slot.spec());
        state =
            Tagging.tag(
                made.state(),
                made.made().id(),
                Tagging.specified(query, ResourceKind.NETWORK_INTERFACE, TAGGED));
        interfaces.add(made.made());
      }
    }
    NetworkInterface primary = interfaces.getFirst();
    Subnet subnet = state.subnet(primary.subnet());
    Instance instance =
        new Instance(
            id,
            reservation,
            index,
            type.name(),
            image,
            subnet.vpc(),
            subnet.id(),
            subnet.zone(),
            primary.id(),
            Instance.State.PENDING,
            turn.now(),
            query.text("ClientToken").orElse(""));
    state = state.with(instance);
    for (int i = 0; i < slots.size(); i++) {
      Slot slot = slots.get(i);
      state =
          Attaching.attach(
              turn,
              state,
              interfaces.get(i),
              instance,
              slot.deviceIndex(),
              slot.card(),
              slot.deleteOnTermination());
    }
    state =
        Tagging.tag(state, id, Tagging.specified(query, ResourceKind.INSTANCE, TAGGED))
            .later(turn.now(), turn.conduct().launch(), id, Transition.Kind.RUNNING);
    return new Launched(state, instance);
  }

  /** What the request says about interfaces, the primary one first. */
  private static List<Slot> slots(Query query) {
    Optional<ResourceId> subnet = query.id("SubnetId", ResourceKind.SUBNET);
    List<ResourceId> groups = query.ids("SecurityGroupId", ResourceKind.SECURITY_GROUP);
    Optional<IpAddress> address = query.address("PrivateIpAddress");
    List<Query> items = query.structs("NetworkInterface");
    if (items.isEmpty()) {
      InterfaceSpec spec = InterfaceSpec.plain(address, groups);
      return List.of(new Slot(0, Optional.of(0), true, Optional.empty(), subnet, spec));
    }
    if (subnet.isPresent() || !groups.isEmpty() || address.isPresent()) {
      throw Refusals.combination(
          "Network interfaces and an instance-level subnet ID, security group or private address"
              + " may not be specified on the same request");
    }
    List<Slot> slots = new ArrayList<>(items.stream().map(InstanceLaunch::slot).toList());
    slots.sort((a, b) -> {
      int byCard = Integer.compare(a.card().orElse(0), b.card().orElse(0));
      return byCard != 0 ? byCard : Integer.compare(a.deviceIndex(), b.deviceIndex());
    });
    if (slots.getFirst().deviceIndex() != 0 || slots.getFirst().card().orElse(0) != 0) {
      throw Refusals.invalid(
          "A network interface with device index 0 on network card 0 must be specified.");
    }
    return slots;
  }

  private static Slot slot(Query item) {
    OptionalInt card = item.integer("NetworkCardIndex", 0, 255);
    Optional<ResourceId> existing = item.id("NetworkInterfaceId", ResourceKind.NETWORK_INTERFACE);
    item.accept("AssociatePublicIpAddress", "AssociateCarrierIpAddress");
    return new Slot(
        item.integer("DeviceIndex", 0, 255).orElseThrow(() -> Refusals.missing("DeviceIndex")),
        card.isPresent() ? Optional.of(card.getAsInt()) : Optional.empty(),
        item.optionalFlag("DeleteOnTermination").orElse(existing.isEmpty()),
        existing,
        item.id("SubnetId", ResourceKind.SUBNET),
        InterfaceSpec.read(item));
  }

  private static void acceptUnmodelled(Query query) {
    query.accept(
        "BlockDeviceMapping",
        "CapacityReservationSpecification",
        "CpuOptions",
        "CreditSpecification",
        "DisableApiStop",
        "DisableApiTermination",
        "EbsOptimized",
        "EnclaveOptions",
        "HibernationOptions",
        "IamInstanceProfile",
        "InstanceInitiatedShutdownBehavior",
        "InstanceMarketOptions",
        "KeyName",
        "MaintenanceOptions",
        "MetadataOptions",
        "Monitoring",
        "NetworkPerformanceOptions",
        "Placement",
        "PrivateDnsNameOptions",
        "UserData");
  }
}
