package io.portolan.sim.ec2.action;

import static io.portolan.sim.ec2.action.Element.leaf;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.sim.ec2.model.CidrAssociation;
import io.portolan.sim.ec2.model.Ec2Error;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.Refusals;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.ec2.model.ResourceKind;
import io.portolan.sim.ec2.model.RouteTable;
import io.portolan.sim.ec2.model.SecurityGroup;
import io.portolan.sim.ec2.model.Vpc;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** VPCs, with the default security group and main route table each comes with. */
final class VpcActions {
  static final Map<String, Action> ALL =
      Map.of(
          "CreateVpc", VpcActions::create,
          "DescribeVpcs", VpcActions::describe,
          "AssociateVpcCidrBlock", VpcActions::associate,
          "DeleteVpc", VpcActions::delete);

  private VpcActions() {}

  private static Outcome create(Query query, Turn turn) {
    Cidr block = query.cidr("CidrBlock").orElseThrow(() -> Refusals.missing("cidrBlock"));
    requireVpcSize(block);
    query.accept("InstanceTenancy", "Ipv6CidrBlockNetworkBorderGroup");
    List<CidrAssociation> blocks = new ArrayList<>();
    blocks.add(new CidrAssociation(turn.newAssociation("vpc-cidr-assoc"), block));
    if (query.flag("AmazonProvidedIpv6CidrBlock")) {
      blocks.add(ipv6(turn));
    }
    Vpc vpc = new Vpc(turn.newId(ResourceKind.VPC), blocks);
    SecurityGroup group =
        new SecurityGroup(
            turn.newId(ResourceKind.SECURITY_GROUP),
            vpc.id(),
            SecurityGroup.DEFAULT,
            "default VPC security group");
    RouteTable table =
        new RouteTable(
            turn.newId(ResourceKind.ROUTE_TABLE), vpc.id(), turn.newAssociation("rtbassoc"));
    Ec2State state =
        Tagging.tag(
            turn.state().with(vpc).with(group).with(table),
            vpc.id(),
            Tagging.specified(query, ResourceKind.VPC));
    return Outcome.of(state, NetworkElements.vpc("vpc", turn, state, vpc));
  }

  private static Outcome describe(Query query, Turn turn) {
    Ec2State state = turn.state();
    List<ResourceId> ids = query.ids("VpcId", ResourceKind.VPC);
    List<Vpc> vpcs =
        ids.isEmpty() ? state.vpcs() : ids.stream().distinct().map(state::vpc).toList();
    Filters<Vpc> filters =
        Filters.<Vpc>tagged(state)
            .on("vpc-id", Vpc::id)
            .on("cidr", v -> v.ipv4Blocks().getFirst().block())
            .on("cidr-block-association.state", _ -> "associated")
            .onAny(
                "cidr-block-association.cidr-block",
                v -> v.ipv4Blocks().stream().map(CidrAssociation::block).toList())
            .onAny(
                "ipv6-cidr-block-association.ipv6-cidr-block",
                v -> v.ipv6Blocks().stream().map(CidrAssociation::block).toList())
            .on("state", _ -> "available")
            .on("is-default", _ -> false)
            .on("isDefault", _ -> false)
            .on("owner-id", _ -> turn.place().account());
    Page<Vpc> page = Page.of(query, ids, filters.apply(query, vpcs), v -> v.id().text(), 5, 1000);
    return new Outcome(
        state, page.answer("vpcSet", v -> NetworkElements.vpc("item", turn, state, v)));
  }

  private static Outcome associate(Query query, Turn turn) {
    Vpc vpc = turn.state().vpc(query.requiredId("VpcId", ResourceKind.VPC));
    query.accept("Ipv6CidrBlockNetworkBorderGroup");
    Optional<Cidr> block = query.cidr("CidrBlock");
    boolean ipv6 = query.flag("AmazonProvidedIpv6CidrBlock");
    if (block.isPresent() == ipv6) {
      throw Refusals.combination(
          "Exactly one of CidrBlock and AmazonProvidedIpv6CidrBlock must be specified");
    }
    CidrAssociation added =
        block
            .map(b -> new CidrAssociation(turn.newAssociation("vpc-cidr-assoc"), b))
            .orElseGet(() -> ipv6(turn));
    block.ifPresent(VpcActions::requireVpcSize);
    if (vpc.blocks().stream().anyMatch(b -> b.block().overlaps(added.block()))) {
      throw range("The CIDR '" + added.block() + "' overlaps a CIDR block of the VPC.");
    }
    Element answer =
        block.isPresent()
            ? NetworkElements.ipv4Association("cidrBlockAssociation", added)
            : NetworkElements.ipv6Association("ipv6CidrBlockAssociation", added);
    return Outcome.of(turn.state().with(vpc.with(added)), leaf("vpcId", vpc.id()), answer);
  }

  private static Outcome delete(Query query, Turn turn) {
    Ec2State state = turn.state();
    Vpc vpc = state.vpc(query.requiredId("VpcId", ResourceKind.VPC));
    boolean used =
        state.subnets().stream().anyMatch(s -> s.vpc().equals(vpc.id()))
            || state.groups().stream().anyMatch(g -> g.vpc().equals(vpc.id()) && !g.isDefault());
    if (used) {
      throw Refusals.dependency(
          "The vpc '" + vpc.id() + "' has dependencies and cannot be deleted.");
    }
    Ec2State after = state.without(vpc.id());
    for (SecurityGroup group : state.groups()) {
      after = group.vpc().equals(vpc.id()) ? after.without(group.id()) : after;
    }
    for (RouteTable table : state.routeTables()) {
      after = table.vpc().equals(vpc.id()) ? after.without(table.id()) : after;
    }
    return Outcome.done(after);
  }

  /** VPC user guide, "VPC CIDR blocks": /16 to /28. */
  private static void requireVpcSize(Cidr block) {
    if (block.family() != IpFamily.IPV4 || block.prefixLength() < 16 || block.prefixLength() > 28) {
      throw range("The CIDR '" + block + "' is invalid.");
    }
  }

  private static RuntimeException range(String message) {
    return new Ec2Error("InvalidVpc.Range", message).refusal();
  }

  /** A /56 of the range EC2 gives out, drawn from the seed. */
  private static CidrAssociation ipv6(Turn turn) {
    long high = IpAddress.parse("2600:1f00::").high() | (turn.random().nextLong(1L << 32) & ~0xffL);
    return new CidrAssociation(
        turn.newAssociation("vpc-cidr-assoc"), new Cidr(new IpAddress(IpFamily.IPV6, high, 0), 56));
  }
}
