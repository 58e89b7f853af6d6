package io.portolan.sim.ec2.model;

import io.portolan.common.net.IpAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All there is in one account and region at one moment. Immutable; copies share structure.
 *
 * @param attachments who is attached to whom; follows from {@code resources}
 * @param tokens answers given under a client token, by operation and token
 * @param agenda what will happen by itself
 * @param serial counts the changes; with the world's seed it determines every random choice
 */
public record Ec2State(
    PersistentMap<ResourceId, Resource> resources,
    AttachmentIndex attachments,
    PersistentMap<ResourceId, SortedMap<String, String>> tagsById,
    PersistentMap<String, RememberedAnswer> tokens,
    PersistentMap<Transition, Transition> agenda,
    long serial) {

  public static final Ec2State EMPTY =
      new Ec2State(
          PersistentMap.empty(),
          AttachmentIndex.EMPTY,
          PersistentMap.empty(),
          PersistentMap.empty(),
          PersistentMap.empty(),
          0);

  public Optional<Resource> find(ResourceId id) {
    return resources.get(id);
  }

  /**
   * The thing itself.
   *
   * @throws Ec2Refusal in EC2's words, if it does not exist
   */
  public <R extends Resource> R require(ResourceId id, Class<R> type) {
    return type.cast(resources.get(id).orElseThrow(() -> Refusals.notFound(id)));
  }

  public Vpc vpc(ResourceId id) {
    return require(id, Vpc.class);
  }

  public Subnet subnet(ResourceId id) {
    return require(id, Subnet.class);
  }

  public SecurityGroup group(ResourceId id) {
    return require(id, SecurityGroup.class);
  }

  public Instance instance(ResourceId id) {
    return require(id, Instance.class);
  }

  public NetworkInterface networkInterface(ResourceId id) {
    return require(id, NetworkInterface.class);
  }

  public List<Vpc> vpcs() {
    return all(ResourceKind.VPC, Vpc.class);
  }

  public List<Subnet> subnets() {
    return all(ResourceKind.SUBNET, Subnet.class);
  }

  public List<SecurityGroup> groups() {
    return all(ResourceKind.SECURITY_GROUP, SecurityGroup.class);
  }

  public List<RouteTable> routeTables() {
    return all(ResourceKind.ROUTE_TABLE, RouteTable.class);
  }

  public List<CidrReservation> reservations() {
    return all(ResourceKind.SUBNET_CIDR_RESERVATION, CidrReservation.class);
  }

  public List<CidrReservation> reservations(ResourceId subnet) {
    return reservations().stream().filter(r -> r.subnet().equals(subnet)).toList();
  }

  public List<Instance> instances() {
    return all(ResourceKind.INSTANCE, Instance.class);
  }

  public List<NetworkInterface> interfaces() {
    return all(ResourceKind.NETWORK_INTERFACE, NetworkInterface.class);
  }

  /** The interfaces that belong to an instance in any phase, by card and device index. */
  public List<NetworkInterface> interfacesOf(ResourceId instance) {
    return attachments.interfacesOf(instance).stream()
        .map(this::networkInterface)
        .sorted((a, b) -> {
          Attachment first = a.attachment().orElseThrow();
          Attachment second = b.attachment().orElseThrow();
          int byCard = Integer.compare(first.cardIndex(), second.cardIndex());
          return byCard != 0 ? byCard : Integer.compare(first.deviceIndex(), second.deviceIndex());
        })
        .toList();
  }

  public Optional<NetworkInterface> interfaceByAttachment(ResourceId attachment) {
    return attachments.interfaceOf(attachment).map(this::networkInterface);
  }

  /** The interface of a VPC that an address is assigned to, be it inside a prefix. */
  public Optional<NetworkInterface> owner(ResourceId vpc, IpAddress address) {
    return interfaces().stream()
        .filter(i -> i.vpc().equals(vpc) && i.addresses().own(address))
        .findFirst();
  }

  /** The tags of a thing, by key. */
  public SortedMap<String, String> tags(ResourceId id) {
    return tagsById.get(id).map(TreeMap::new).orElseGet(TreeMap::new);
  }

  public Ec2State with(Resource resource) {
    return new Ec2State(
        resources.with(resource.id(), resource),
        attachments.replacing(resources.get(resource.id()), Optional.of(resource)),
        tagsById,
        tokens,
        agenda,
        serial + 1);
  }

  /** Without the thing and its tags. */
  public Ec2State without(ResourceId id) {
    return new Ec2State(
        resources.without(id),
        attachments.replacing(resources.get(id), Optional.empty()),
        tagsById.without(id),
        tokens,
        agenda,
        serial + 1);
  }

  public Ec2State withTags(ResourceId id, SortedMap<String, String> tags) {
    return new Ec2State(
        resources,
        attachments,
        tags.isEmpty() ? tagsById.without(id) : tagsById.with(id, new TreeMap<>(tags)),
        tokens,
        agenda,
        serial + 1);
  }

  public Ec2State withToken(String token, RememberedAnswer answer) {
    return new Ec2State(
        resources, attachments, tagsById, tokens.with(token, answer), agenda, serial + 1);
  }

  public Ec2State later(Instant now, Duration delay, ResourceId subject, Transition.Kind kind) {
    Transition transition = new Transition(now.plus(delay), serial, subject, kind);
    return new Ec2State(
        resources, attachments, tagsById, tokens, agenda.with(transition, transition), serial + 1);
  }

  public Ec2State without(Transition transition) {
    return new Ec2State(
        resources, attachments, tagsById, tokens, agenda.without(transition), serial + 1);
  }

  /** What will happen next by itself. */
  public Optional<Transition> next() {
    return agenda.first();
  }

  /** The interface is gone, and its addresses are free again. */
  public Ec2State withoutInterface(NetworkInterface gone) {
    Subnet subnet = subnet(gone.subnet());
    return with(subnet.with(subnet.space().releasing(gone.addresses().ipv4Blocks())))
        .without(gone.id());
  }

  private <R extends Resource> List<R> all(ResourceKind kind, Class<R> type) {
    return resources.range(id -> id.kind().compareTo(kind)).stream().map(type::cast).toList();
  }
}
