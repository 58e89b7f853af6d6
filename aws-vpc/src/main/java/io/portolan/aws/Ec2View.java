package io.portolan.aws;

import io.portolan.aws.ec2.Ec2Instance;
import io.portolan.aws.ec2.Ec2Interface;
import io.portolan.aws.ec2.Ec2Subnet;
import io.portolan.aws.layout.EniTags;
import io.portolan.common.cloud.Attachment;
import io.portolan.common.cloud.AttachmentId;
import io.portolan.common.cloud.CloudObservation;
import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.InstanceLimits;
import io.portolan.common.cloud.InterfaceId;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.ObservationScope;
import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.cloud.ObservedMachine;
import io.portolan.common.cloud.ObservedSubnet;
import io.portolan.common.cloud.SecurityGroupId;
import io.portolan.common.cloud.SubnetId;
import io.portolan.common.net.Cidr;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * EC2's listings joined into one observation. Pure.
 *
 * @param cluster the value of our cluster tag
 * @param limits limits by instance type; empty for a type nobody knows
 */
record Ec2View(String cluster, Function<String, Optional<InstanceLimits>> limits) {

  /** Room for nothing: a machine of an unknown type is shown, and gets nothing. */
  private static final InstanceLimits UNKNOWN_TYPE =
      new InstanceLimits(1, 1, 0, false, 28, Integer.MAX_VALUE);

  CloudObservation observation(
      Instant observedAt,
      ObservationScope scope,
      List<Ec2Instance> instances,
      List<Ec2Interface> interfaces,
      List<Ec2Subnet> subnets,
      List<Cidr> vpcCidrs) {
    Map<String, Ec2Instance> instanceById =
        instances.stream().collect(Collectors.toMap(Ec2Instance::id, i -> i, (first, _) -> first));
    Map<String, List<ObservedInterface>> byInstance = new TreeMap<>();
    List<ObservedInterface> unattached = new ArrayList<>();
    for (Ec2Interface eni : interfaces) {
      Optional<ObservedInterface> seen = observed(cluster, eni);
      if (seen.isEmpty()) {
        continue;
      }
      Optional<Attachment> attachment = seen.get().attachment();
      if (attachment.isPresent()) {
        byInstance
            .computeIfAbsent(attachment.get().instance().value(), _ -> new ArrayList<>())
            .add(seen.get());
      } else if (seen.get().ours() && !seen.get().unmanaged()) {
        unattached.add(seen.get());
      }
    }

    SortedMap<NodeName, ObservedMachine> machines = new TreeMap<>();
    scope
        .machines()
        .forEach((node, id) -> {
          Ec2Instance instance = instanceById.get(id.value());
          if (instance != null && instance.state() != Ec2Instance.State.TERMINATED) {
            machines.put(
                node, machine(node, instance, byInstance.getOrDefault(id.value(), List.of())));
          }
        });
    SortedMap<SubnetId, ObservedSubnet> bySubnet = new TreeMap<>();
    subnets.forEach(subnet -> bySubnet.put(new SubnetId(subnet.id()), observed(subnet)));
    return new CloudObservation(
        observedAt, machines, unattached, bySubnet, new TreeMap<>(), vpcCidrs);
  }

  private ObservedMachine machine(
      NodeName node, Ec2Instance instance, List<ObservedInterface> interfaces) {
    return new ObservedMachine(
        node,
        new InstanceId(instance.id()),
        instance.type(),
        instance.zone(),
        switch (instance.state()) {
          case PENDING, RUNNING, UNKNOWN -> ObservedMachine.State.RUNNING;
          case STOPPING, STOPPED -> ObservedMachine.State.STOPPED;
          case SHUTTING_DOWN, TERMINATED -> ObservedMachine.State.TERMINATING;
        },
        limits.apply(instance.type()).orElse(UNKNOWN_TYPE),
        interfaces);
  }

  private static ObservedSubnet observed(Ec2Subnet subnet) {
    return new ObservedSubnet(
        new SubnetId(subnet.id()),
        subnet.zone(),
        subnet.cidrs(),
        OptionalInt.of(subnet.freeIpv4()),
        new TreeMap<>(subnet.tags()));
  }

  /**
   * One ENI; empty for one that is IPv6-only or attached to something that is no instance, for
   * those can carry no pods of ours.
   */
  static Optional<ObservedInterface> observed(String cluster, Ec2Interface eni) {
    Optional<Ec2Interface.Attachment> bond =
        eni.attachment().filter(a -> a.state() != Ec2Interface.Attachment.State.DETACHED);
    if (eni.primaryAddress().isEmpty() || (bond.isPresent() && eni.instanceId().isEmpty())) {
      return Optional.empty();
    }
    boolean ours = EniTags.ours(cluster, eni.tags());
    boolean primary = bond.filter(a -> a.deviceIndex() == 0 && a.networkCard() == 0).isPresent();
    // Somebody attached a foreign secondary ENI for a purpose of their own; trunks and EFA devices
    // carry no pod addresses either.
    boolean unmanaged =
        EniTags.unmanaged(eni.tags())
            || (!ours && !primary)
            || !(eni.type().equals("interface") || (primary && eni.type().equals("efa")));
    return Optional.of(
        new ObservedInterface(
            new InterfaceId(eni.id()),
            ours,
            unmanaged,
            EniTags.node(eni.tags()),
            EniTags.createdAt(eni.tags()),
            new SubnetId(eni.subnetId()),
            eni.mac(),
            eni.primaryAddress().get(),
            eni.secondaryAddresses(),
            eni.prefixes(),
            eni.securityGroupIds().stream().map(SecurityGroupId::new).toList(),
            bond.map(Ec2View::state).orElse(ObservedInterface.State.AVAILABLE),
            bond.map(Ec2View::attachment)));
  }

  private static ObservedInterface.State state(Ec2Interface.Attachment attachment) {
    return switch (attachment.state()) {
      case ATTACHING -> ObservedInterface.State.ATTACHING;
      case ATTACHED, UNKNOWN -> ObservedInterface.State.ATTACHED;
      case DETACHING -> ObservedInterface.State.DETACHING;
      case DETACHED -> ObservedInterface.State.AVAILABLE;
    };
  }

  private static Attachment attachment(Ec2Interface.Attachment attachment) {
    return new Attachment(
        Optional.of(new AttachmentId(attachment.id())),
        new InstanceId(attachment.instanceId().orElseThrow()),
        attachment.networkCard(),
        attachment.deviceIndex(),
        attachment.deleteOnTermination());
  }
}
