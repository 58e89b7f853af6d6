package io.portolan.sim.ec2.action;

import static io.portolan.sim.ec2.action.Element.leaf;
import static io.portolan.sim.ec2.action.Element.node;

import io.portolan.sim.ec2.model.Ec2Error;
import io.portolan.sim.ec2.model.Ec2Refusal;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.Instance;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.ec2.model.Refusals;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.ec2.model.ResourceKind;
import io.portolan.sim.ec2.model.Transition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Instances that exist: listing and ending them. Launching is {@link InstanceLaunch}. */
final class InstanceActions {
  static final Map<String, Action> ALL =
      Map.of(
          "RunInstances", InstanceLaunch::run,
          "DescribeInstances", InstanceActions::describe,
          "TerminateInstances", InstanceActions::terminate);

  private InstanceActions() {}

  /** The account has no default VPC, as accounts may. */
  static Ec2Refusal noDefaultVpc() {
    return new Ec2Error("VPCIdNotSpecified", "No default VPC for this user").refusal();
  }

  private static Outcome describe(Query query, Turn turn) {
    Ec2State state = turn.state();
    query.accept("IncludeManagedResources");
    List<ResourceId> ids = query.ids("InstanceId", ResourceKind.INSTANCE);
    List<Instance> instances =
        ids.isEmpty() ? state.instances() : ids.stream().distinct().map(state::instance).toList();
    Page<Instance> page =
        Page.of(query, ids, filters(turn).apply(query, instances), i -> i.id().text(), 5, 1000);
    Map<ResourceId, List<Instance>> byReservation = new LinkedHashMap<>();
    page.items()
        .forEach(
            i -> byReservation.computeIfAbsent(i.reservation(), _ -> new ArrayList<>()).add(i));
    List<Element> answer = new ArrayList<>();
    answer.add(
        node(
            "reservationSet",
            byReservation.entrySet().stream()
                .map(e -> node("item", reservation(turn, state, e.getKey(), e.getValue())))
                .toList()));
    page.nextToken().ifPresent(token -> answer.add(leaf("nextToken", token)));
    return new Outcome(state, answer);
  }

  static List<Element> reservation(
      Turn turn, Ec2State state, ResourceId reservation, List<Instance> instances) {
    return List.of(
        leaf("reservationId", reservation),
        leaf("ownerId", turn.place().account()),
        node("groupSet"),
        node(
            "instancesSet",
            instances.stream().map(i -> InstanceElements.instance(turn, state, i)).toList()));
  }

  private static Filters<Instance> filters(Turn turn) {
    Ec2State state = turn.state();
    return Filters.<Instance>tagged(state)
        .on("instance-id", Instance::id)
        .on("instance-type", Instance::type)
        .on("image-id", Instance::image)
        .on("reservation-id", Instance::reservation)
        .on("availability-zone", Instance::zone)
        .on("vpc-id", Instance::vpc)
        .on("subnet-id", Instance::subnet)
        .on("instance-state-name", i -> i.state().text())
        .on("instance-state-code", i -> i.state().code())
        .on("client-token", Instance::clientToken)
        .on("launch-time", Instance::launched)
        .on("owner-id", _ -> turn.place().account())
        .onOptional(
            "private-dns-name",
            i -> primary(state, i).map(p -> turn.place().region().dnsName(p.primaryAddress())))
        .onOptional(
            "private-ip-address", i -> primary(state, i).map(NetworkInterface::primaryAddress))
        .onAny(
            "instance.group-id",
            i -> primary(state, i).map(NetworkInterface::groups).orElse(List.of()))
        .onAny("network-interface.network-interface-id", each(state, NetworkInterface::id))
        .onAny("network-interface.subnet-id", each(state, NetworkInterface::subnet))
        .onAny("network-interface.mac-address", each(state, NetworkInterface::mac))
        .onAny(
            "network-interface.addresses.private-ip-address",
            i ->
                state.interfacesOf(i.id()).stream()
                    .flatMap(n -> n.addresses().ipv4().stream())
                    .toList());
  }

  private static <V> Function<Instance, Collection<?>> each(
      Ec2State state, Function<NetworkInterface, V> value) {
    return i -> state.interfacesOf(i.id()).stream().map(value).toList();
  }

  static Optional<NetworkInterface> primary(Ec2State state, Instance instance) {
    return state
        .find(instance.primaryInterface())
        .map(NetworkInterface.class::cast)
        .filter(i -> i.belongsTo(instance.id()));
  }

  private static Outcome terminate(Query query, Turn turn) {
    query.accept("Force", "SkipOsShutdown");
    List<ResourceId> ids = query.ids("InstanceId", ResourceKind.INSTANCE);
    if (ids.isEmpty()) {
      throw Refusals.missing("InstanceId");
    }
    Ec2State state = turn.state();
    List<Element> changes = new ArrayList<>();
    for (ResourceId id : ids.stream().distinct().toList()) {
      Instance before = state.instance(id);
      Instance after = before.isAlive() ? before.with(Instance.State.SHUTTING_DOWN) : before;
      if (before.isAlive()) {
        state =
            state
                .with(after)
                .later(turn.now(), turn.conduct().terminate(), id, Transition.Kind.TERMINATED);
      }
      changes.add(
          node(
              "item",
              leaf("instanceId", id),
              InstanceElements.state("currentState", after.state()),
              InstanceElements.state("previousState", before.state())));
    }
    return Outcome.of(state, node("instancesSet", changes));
  }
}
