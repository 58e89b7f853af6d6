package io.portolan.sim.ec2.action;

import static io.portolan.sim.ec2.action.Element.leaf;
import static io.portolan.sim.ec2.action.Element.node;

import io.portolan.sim.ec2.model.CidrAssociation;
import io.portolan.sim.ec2.model.CidrReservation;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.ec2.model.RouteTable;
import io.portolan.sim.ec2.model.SecurityGroup;
import io.portolan.sim.ec2.model.Subnet;
import io.portolan.sim.ec2.model.Vpc;
import java.util.List;
import java.util.Locale;

/** How answers show VPCs and what belongs to them. */
final class NetworkElements {
  private NetworkElements() {}

  static Element vpc(String name, Turn turn, Ec2State state, Vpc vpc) {
    return node(
        name,
        leaf("vpcId", vpc.id()),
        leaf("ownerId", turn.place().account()),
        leaf("state", "available"),
        leaf("cidrBlock", vpc.ipv4Blocks().getFirst().block()),
        node(
            "cidrBlockAssociationSet",
            vpc.ipv4Blocks().stream().map(a -> ipv4Association("item", a)).toList()),
        node(
            "ipv6CidrBlockAssociationSet",
            vpc.ipv6Blocks().stream().map(a -> ipv6Association("item", a)).toList()),
        leaf("dhcpOptionsId", "dopt-00000000"),
        leaf("instanceTenancy", "default"),
        leaf("isDefault", false),
        Tagging.element(state, vpc.id()));
  }

  static Element ipv4Association(String name, CidrAssociation association) {
    return node(
        name,
        leaf("associationId", association.id()),
        leaf("cidrBlock", association.block()),
        node("cidrBlockState", leaf("state", "associated")));
  }

  static Element ipv6Association(String name, CidrAssociation association) {
    return node(
        name,
        leaf("associationId", association.id()),
        leaf("ipv6CidrBlock", association.block()),
        node("ipv6CidrBlockState", leaf("state", "associated")));
  }

  static Element subnet(String name, Turn turn, Ec2State state, Subnet subnet) {
    return node(
        name,
        leaf("subnetId", subnet.id()),
        leaf(
            "subnetArn",
            "arn:aws:ec2:"
                + turn.place().region().name()
                + ":"
                + turn.place().account()
                + ":subnet/"
                + subnet.id()),
        leaf("state", "available"),
        leaf("ownerId", turn.place().account()),
        leaf("vpcId", subnet.vpc()),
        leaf("cidrBlock", subnet.ipv4()),
        node(
            "ipv6CidrBlockAssociationSet",
            subnet.ipv6().stream().map(a -> ipv6Association("item", a)).toList()),
        leaf("availableIpAddressCount", subnet.space().available()),
        leaf("availabilityZone", subnet.zone()),
        leaf("availabilityZoneId", turn.place().region().zoneId(subnet.zone())),
        leaf("defaultForAz", false),
        leaf("mapPublicIpOnLaunch", subnet.mapPublicIpOnLaunch()),
        leaf("assignIpv6AddressOnCreation", subnet.assignIpv6OnCreation()),
        leaf("ipv6Native", false),
        leaf("enableDns64", false),
        Tagging.element(state, subnet.id()));
  }

  static Element group(Turn turn, Ec2State state, SecurityGroup group) {
    return node(
        "item",
        leaf("ownerId", turn.place().account()),
        leaf("groupId", group.id()),
        leaf("groupName", group.name()),
        leaf("groupDescription", group.description()),
        leaf("vpcId", group.vpc()),
        node("ipPermissions"),
        node("ipPermissionsEgress"),
        Tagging.element(state, group.id()));
  }

  /** Groups by id and name, as interfaces and instances list them. */
  static Element groupSet(Ec2State state, List<ResourceId> groups) {
    return node(
        "groupSet",
        groups.stream()
            .map(id -> node("item", leaf("groupId", id), leaf("groupName", state.group(id).name())))
            .toList());
  }

  static Element routeTable(Turn turn, Ec2State state, RouteTable table) {
    return node(
        "item",
        leaf("routeTableId", table.id()),
        leaf("vpcId", table.vpc()),
        leaf("ownerId", turn.place().account()),
        node(
            "routeSet",
            state.vpc(table.vpc()).blocks().stream().map(NetworkElements::local).toList()),
        node(
            "associationSet",
            node(
                "item",
                leaf("routeTableAssociationId", table.mainAssociation()),
                leaf("routeTableId", table.id()),
                leaf("main", true),
                node("associationState", leaf("state", "associated")))),
        node("propagatingVgwSet"),
        Tagging.element(state, table.id()));
  }

  private static Element local(CidrAssociation association) {
    boolean ipv4 = association.block().network().isIpv4();
    return node(
        "item",
        leaf(ipv4 ? "destinationCidrBlock" : "destinationIpv6CidrBlock", association.block()),
        leaf("gatewayId", "local"),
        leaf("state", "active"),
        leaf("origin", "CreateRouteTable"));
  }

  static Element reservation(String name, Turn turn, Ec2State state, CidrReservation reservation) {
    return node(
        name,
        leaf("subnetCidrReservationId", reservation.id()),
        leaf("subnetId", reservation.subnet()),
        leaf("cidr", reservation.block()),
        leaf("reservationType", reservation.type().name().toLowerCase(Locale.ROOT)),
        leaf("ownerId", turn.place().account()),
        leaf("description", reservation.description()),
        Tagging.element(state, reservation.id()));
  }
}
