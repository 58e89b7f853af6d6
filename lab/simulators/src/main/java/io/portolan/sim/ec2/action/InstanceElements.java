package io.portolan.sim.ec2.action;

import static io.portolan.sim.ec2.action.Element.leaf;
import static io.portolan.sim.ec2.action.Element.node;
import static io.portolan.sim.ec2.action.Element.optional;

import io.portolan.common.net.IpAddress;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.Instance;
import io.portolan.sim.ec2.model.NetworkInterface;
import java.util.List;
import java.util.Optional;

/** How answers show instances. */
final class InstanceElements {
  private InstanceElements() {}

  static Element instance(Turn turn, Ec2State state, Instance i) {
    Optional<NetworkInterface> primary = InstanceActions.primary(state, i);
    Optional<IpAddress> address = primary.map(NetworkInterface::primaryAddress);
    // EC2 no longer tells where a terminated instance was.
    boolean placed = primary.isPresent();
    return node(
        "item",
        leaf("instanceId", i.id()),
        leaf("imageId", i.image()),
        state("instanceState", i.state()),
        leaf("privateDnsName", address.map(a -> turn.place().region().dnsName(a)).orElse("")),
        leaf("dnsName", ""),
        leaf("amiLaunchIndex", i.launchIndex()),
        leaf("instanceType", i.type()),
        leaf("launchTime", i.launched()),
        node(
            "placement",
            leaf("availabilityZone", i.zone()),
            leaf("groupName", ""),
            leaf("tenancy", "default")),
        node("monitoring", leaf("state", "disabled")),
        optional("subnetId", placed ? Optional.of(i.subnet()) : Optional.empty()),
        optional("vpcId", placed ? Optional.of(i.vpc()) : Optional.empty()),
        optional("privateIpAddress", address),
        optional("sourceDestCheck", primary.map(NetworkInterface::sourceDestCheck)),
        NetworkElements.groupSet(state, primary.map(NetworkInterface::groups).orElse(List.of())),
        leaf("architecture", turn.place().types().of(i).architecture()),
        leaf("rootDeviceType", "ebs"),
        leaf("rootDeviceName", "/dev/xvda"),
        node("blockDeviceMapping"),
        leaf("virtualizationType", "hvm"),
        leaf("clientToken", i.clientToken()),
        leaf("hypervisor", "xen"),
        leaf("enaSupport", turn.place().types().of(i).takesPrefixes()),
        node(
            "networkInterfaceSet",
            state.interfacesOf(i.id()).stream()
                .map(n -> InterfaceElements.ofInstance(turn, state, n))
                .toList()),
        Tagging.element(state, i.id()));
  }

  static Element state(String name, Instance.State state) {
    return node(name, leaf("code", state.code()), leaf("name", state.text()));
  }
}
