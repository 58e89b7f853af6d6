package io.portolan.sim.ec2.action;

import static io.portolan.sim.ec2.action.Element.leaf;

import io.portolan.sim.ec2.model.Ec2Error;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.Refusals;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.ec2.model.ResourceKind;
import io.portolan.sim.ec2.model.RouteTable;
import io.portolan.sim.ec2.model.SecurityGroup;
import io.portolan.sim.ec2.model.Vpc;
import java.util.List;
import java.util.Map;

/** Security groups, without rules, and the main route tables. */
final class GroupActions {
  static final Map<String, Action> ALL =
      Map.of(
          "CreateSecurityGroup", GroupActions::create,
          "DescribeSecurityGroups", GroupActions::describe,
          "DeleteSecurityGroup", GroupActions::delete,
          "DescribeRouteTables", GroupActions::describeRouteTables);

  private GroupActions() {}

  private static Outcome create(Query query, Turn turn) {
    String name = query.required("GroupName");
    String description = query.required("GroupDescription");
    Vpc vpc =
        query
            .id("VpcId", ResourceKind.VPC)
            .map(turn.state()::vpc)
            .orElseThrow(InstanceActions::noDefaultVpc);
    if (turn.state().groups().stream()
        .anyMatch(g -> g.vpc().equals(vpc.id()) && g.name().equals(name))) {
      throw new Ec2Error(
              "InvalidGroup.Duplicate",
              "The security group '" + name + "' already exists for VPC '" + vpc.id() + "'")
          .refusal();
    }
    SecurityGroup group =
        new SecurityGroup(turn.newId(ResourceKind.SECURITY_GROUP), vpc.id(), name, description);
    Ec2State state =
        Tagging.tag(
            turn.state().with(group),
            group.id(),
            Tagging.specified(query, ResourceKind.SECURITY_GROUP));
    return Outcome.of(
        state,
        leaf("return", true),
        leaf("groupId", group.id()),
        Tagging.element(state, group.id()));
  }

  private static Outcome describe(Query query, Turn turn) {
    Ec2State state = turn.state();
    List<ResourceId> ids = query.ids("GroupId", ResourceKind.SECURITY_GROUP);
    List<SecurityGroup> groups =
        ids.isEmpty() ? state.groups() : ids.stream().distinct().map(state::group).toList();
    Filters<SecurityGroup> filters =
        Filters.<SecurityGroup>tagged(state)
            .on("group-id", SecurityGroup::id)
            .on("group-name", SecurityGroup::name)
            .on("description", SecurityGroup::description)
            .on("owner-id", _ -> turn.place().account())
            .on("vpc-id", SecurityGroup::vpc);
    Page<SecurityGroup> page =
        Page.of(query, ids, filters.apply(query, groups), g -> g.id().text(), 5, 1000);
    return new Outcome(
        state, page.answer("securityGroupInfo", g -> NetworkElements.group(turn, state, g)));
  }

  private static Outcome delete(Query query, Turn turn) {
    Ec2State state = turn.state();
    SecurityGroup group = state.group(query.requiredId("GroupId", ResourceKind.SECURITY_GROUP));
    if (group.isDefault()) {
      throw new Ec2Error(
              "CannotDelete",
              "the specified group: \""
                  + group.id()
                  + "\" name: \"default\" cannot be deleted by a user")
          .refusal();
    }
    if (state.interfaces().stream().anyMatch(i -> i.groups().contains(group.id()))) {
      throw Refusals.dependency("resource " + group.id() + " has a dependent object");
    }
    return Outcome.of(state.without(group.id()), leaf("return", true), leaf("groupId", group.id()));
  }

  private static Outcome describeRouteTables(Query query, Turn turn) {
    Ec2State state = turn.state();
    List<ResourceId> ids = query.ids("RouteTableId", ResourceKind.ROUTE_TABLE);
    List<RouteTable> tables =
        ids.isEmpty()
            ? state.routeTables()
            : ids.stream().distinct().map(id -> state.require(id, RouteTable.class)).toList();
    Filters<RouteTable> filters =
        Filters.<RouteTable>tagged(state)
            .on("route-table-id", RouteTable::id)
            .on("vpc-id", RouteTable::vpc)
            .on("owner-id", _ -> turn.place().account())
            .on("association.main", _ -> true)
            .on("association.route-table-association-id", RouteTable::mainAssociation)
            .on("association.route-table-id", RouteTable::id)
            // Every subnet follows its VPC's main table; none has an association of its own.
            .onAny("association.subnet-id", _ -> List.of());
    Page<RouteTable> page =
        Page.of(query, ids, filters.apply(query, tables), t -> t.id().text(), 5, 100);
    return new Outcome(
        state, page.answer("routeTableSet", t -> NetworkElements.routeTable(turn, state, t)));
  }
}
