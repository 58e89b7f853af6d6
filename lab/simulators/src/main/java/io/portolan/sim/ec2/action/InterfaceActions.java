package io.portolan.sim.ec2.action;

import static io.portolan.sim.ec2.action.Element.leaf;

import io.portolan.common.net.IpAddress;
import io.portolan.sim.ec2.model.Attachment;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.ec2.model.Refusals;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.ec2.model.ResourceKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Interfaces, from creation to deletion. */
final class InterfaceActions {
  static final Map<String, Action> ALL =
      Map.of(
          "CreateNetworkInterface", InterfaceActions::create,
          "DescribeNetworkInterfaces", InterfaceActions::describe,
          "ModifyNetworkInterfaceAttribute", InterfaceActions::modify,
          "DeleteNetworkInterface", InterfaceActions::delete);

  private InterfaceActions() {}

  private static Outcome create(Query query, Turn turn) {
    ResourceId subnet = query.requiredId("SubnetId", ResourceKind.SUBNET);
    InterfaceMaker.Made made =
        InterfaceMaker.make(turn, turn.state(), subnet, InterfaceSpec.read(query));
    Ec2State state =
        Tagging.tag(
            made.state(),
            made.made().id(),
            Tagging.specified(query, ResourceKind.NETWORK_INTERFACE));
    return Outcome.of(
        state,
        InterfaceElements.whole("networkInterface", turn, state, made.made()),
        Element.optional("clientToken", query.text("ClientToken")));
  }

  private static Outcome describe(Query query, Turn turn) {
    Ec2State state = turn.state();
    query.accept("IncludeManagedResources");
    List<ResourceId> ids = query.ids("NetworkInterfaceId", ResourceKind.NETWORK_INTERFACE);
    List<NetworkInterface> interfaces =
        ids.isEmpty()
            ? state.interfaces()
            : ids.stream().distinct().map(state::networkInterface).toList();
    Page<NetworkInterface> page =
        Page.of(query, ids, filters(turn).apply(query, interfaces), i -> i.id().text(), 5, 1000);
    return new Outcome(
        state,
        page.answer("networkInterfaceSet", i -> InterfaceElements.whole("item", turn, state, i)));
  }

  private static Filters<NetworkInterface> filters(Turn turn) {
    Ec2State state = turn.state();
    return Filters.<NetworkInterface>tagged(state)
        .on("network-interface-id", NetworkInterface::id)
        .on("subnet-id", NetworkInterface::subnet)
        .on("vpc-id", NetworkInterface::vpc)
        .on("availability-zone", NetworkInterface::zone)
        .on("status", NetworkInterface::status)
        .on("description", NetworkInterface::description)
        .on("mac-address", NetworkInterface::mac)
        .on("owner-id", _ -> turn.place().account())
        .on("interface-type", _ -> "interface")
        .on("requester-managed", _ -> false)
        .on("source-dest-check", NetworkInterface::sourceDestCheck)
        .on("private-ip-address", NetworkInterface::primaryAddress)
        .on("private-dns-name", i -> turn.place().region().dnsName(i.primaryAddress()))
        .onAny("addresses.private-ip-address", i -> i.addresses().ipv4())
        .onAny(
            "addresses.primary",
            i -> i.addresses().ipv4().stream().map(a -> isPrimary(i, a)).toList())
        .onAny("ipv6-addresses.ipv6-address", i -> i.addresses().ipv6())
        .onAny("group-id", NetworkInterface::groups)
        .onAny("group-name", i -> i.groups().stream().map(g -> state.group(g).name()).toList())
        .onOptional("attachment.attachment-id", attachment(Attachment::id))
        .onOptional("attachment.instance-id", attachment(Attachment::instance))
        .onOptional("attachment.instance-owner-id", attachment(_ -> turn.place().account()))
        .onOptional("attachment.device-index", attachment(Attachment::deviceIndex))
        .onOptional("attachment.status", attachment(a -> a.phase().text()))
        .onOptional("attachment.attach-time", attachment(Attachment::since))
        .onOptional(
            "attachment.delete-on-termination", attachment(Attachment::deleteOnTermination));
  }

  private static boolean isPrimary(NetworkInterface networkInterface, IpAddress address) {
    return networkInterface.primaryAddress().equals(address);
  }

  private static <V> Function<NetworkInterface, Optional<?>> attachment(
      Function<Attachment, V> value) {
    return i -> i.attachment().map(value);
  }

  private static Outcome modify(Query query, Turn turn) {
    Ec2State state = turn.state();
    NetworkInterface before =
        state.networkInterface(
            query.requiredId("NetworkInterfaceId", ResourceKind.NETWORK_INTERFACE));
    Optional<String> description = query.struct("Description").text("Value");
    Optional<Boolean> check = query.struct("SourceDestCheck").optionalFlag("Value");
    List<ResourceId> groups = query.ids("SecurityGroupId", ResourceKind.SECURITY_GROUP);
    boolean attachment = query.has("Attachment");
    int attributes =
        (description.isPresent() ? 1 : 0)
            + (check.isPresent() ? 1 : 0)
            + (groups.isEmpty() ? 0 : 1)
            + (attachment ? 1 : 0);
    if (attributes != 1) {
      // API reference: "You can specify only one attribute at a time."
      throw Refusals.combination("Exactly one attribute to modify must be specified");
    }
    NetworkInterface after = before;
    after = description.map(after::withDescription).orElse(after);
    after = check.map(after::withSourceDestCheck).orElse(after);
    after =
        groups.isEmpty()
            ? after
            : after.withGroups(InterfaceMaker.groups(state, before.vpc(), groups));
    after = attachment ? withDeleteOnTermination(after, query.struct("Attachment")) : after;
    return Outcome.done(state.with(after));
  }

  private static NetworkInterface withDeleteOnTermination(NetworkInterface before, Query query) {
    ResourceId id = query.requiredId("AttachmentId", ResourceKind.ATTACHMENT);
    boolean delete =
        query
            .optionalFlag("DeleteOnTermination")
            .orElseThrow(() -> Refusals.missing("Attachment.DeleteOnTermination"));
    Attachment attachment =
        before.attachment().filter(a -> a.id().equals(id)).orElseThrow(() -> Refusals.notFound(id));
    return before.with(Optional.of(attachment.withDeleteOnTermination(delete)));
  }

  private static Outcome delete(Query query, Turn turn) {
    NetworkInterface gone =
        turn.state()
            .networkInterface(
                query.requiredId("NetworkInterfaceId", ResourceKind.NETWORK_INTERFACE));
    if (gone.attachment().isPresent()) {
      throw Refusals.interfaceInUse(gone.id());
    }
    return Outcome.of(turn.state().withoutInterface(gone), leaf("return", true));
  }
}
