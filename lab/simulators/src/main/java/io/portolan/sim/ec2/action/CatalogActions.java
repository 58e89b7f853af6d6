package io.portolan.sim.ec2.action;

import static io.portolan.sim.ec2.action.Element.items;
import static io.portolan.sim.ec2.action.Element.leaf;
import static io.portolan.sim.ec2.action.Element.node;
import static io.portolan.sim.ec2.action.Element.optional;

import io.portolan.sim.ec2.model.Ec2Error;
import io.portolan.sim.ec2.model.InstanceType;
import io.portolan.sim.ec2.model.Refusals;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** What EC2 offers everyone: the region, its zones, the instance types. */
final class CatalogActions {
  static final Map<String, Action> ALL =
      Map.of(
          "DescribeRegions", CatalogActions::regions,
          "DescribeAvailabilityZones", CatalogActions::zones,
          "DescribeInstanceTypes", CatalogActions::instanceTypes);

  private CatalogActions() {}

  private static Outcome regions(Query query, Turn turn) {
    query.accept("AllRegions");
    Region here = turn.place().region();
    List<String> names = query.list("RegionName");
    names.stream()
        .filter(name -> !name.equals(here.name()))
        .findFirst()
        .ifPresent(name -> {
          throw Refusals.invalid("Invalid value '" + name + "' for regionName.");
        });
    List<Region> regions =
        new Filters<Region>()
            .on("region-name", Region::name)
            .on("endpoint", CatalogActions::endpoint)
            .on("opt-in-status", _ -> "opt-in-not-required")
            .apply(query, List.of(here));
    return Outcome.of(
        turn.state(),
        node(
            "regionInfo",
            regions.stream()
                .map(r ->
                    node(
                        "item",
                        leaf("regionName", r.name()),
                        leaf("regionEndpoint", endpoint(r)),
                        leaf("optInStatus", "opt-in-not-required")))
                .toList()));
  }

  private static String endpoint(Region region) {
    return "ec2." + region.name() + ".amazonaws.com";
  }

  private static Outcome zones(Query query, Turn turn) {
    query.accept("AllAvailabilityZones");
    Region region = turn.place().region();
    List<String> names = query.list("ZoneName");
    List<String> ids = query.list("ZoneId");
    for (String name : names) {
      if (region.zones().stream().noneMatch(z -> z.name().equals(name))) {
        throw Refusals.invalid("Invalid availability zone: [" + name + "]");
      }
    }
    List<Region.Zone> zones =
        new Filters<Region.Zone>()
                .on("zone-name", Region.Zone::name)
                .on("zone-id", Region.Zone::id)
                .on("region-name", _ -> region.name())
                .on("state", _ -> "available")
                .on("opt-in-status", _ -> "opt-in-not-required")
                .on("zone-type", _ -> "availability-zone")
                .apply(query, region.zones())
                .stream()
                .filter(z -> names.isEmpty() || names.contains(z.name()))
                .filter(z -> ids.isEmpty() || ids.contains(z.id()))
                .toList();
    return Outcome.of(
        turn.state(),
        node(
            "availabilityZoneInfo",
            zones.stream()
                .map(z ->
                    node(
                        "item",
                        leaf("zoneName", z.name()),
                        leaf("zoneId", z.id()),
                        leaf("zoneState", "available"),
                        leaf("zoneType", "availability-zone"),
                        leaf("regionName", region.name()),
                        leaf("groupName", region.name() + "-zg-1"),
                        leaf("networkBorderGroup", region.name()),
                        leaf("optInStatus", "opt-in-not-required"),
                        node("messageSet")))
                .toList()));
  }

  private static Outcome instanceTypes(Query query, Turn turn) {
    query.accept("IncludeUnsupportedInRegion");
    List<String> names = query.list("InstanceType");
    List<InstanceType> types =
        names.isEmpty()
            ? List.copyOf(turn.place().types().all())
            : names.stream().distinct().map(name -> requireType(turn, name)).toList();
    Filters<InstanceType> filters =
        new Filters<InstanceType>()
            .on("instance-type", InstanceType::name)
            .on("bare-metal", InstanceType::isBareMetal)
            .on("hypervisor", t -> t.isBareMetal() ? "" : t.hypervisor())
            .on("processor-info.supported-architecture", InstanceType::architecture)
            .on("vcpu-info.default-vcpus", InstanceType::vcpus)
            .on("memory-info.size-in-mib", InstanceType::memoryMib)
            .on("network-info.maximum-network-interfaces", InstanceType::interfaces)
            .on("network-info.maximum-network-cards", t -> t.interfacesPerCard().size())
            .on("network-info.ipv4-addresses-per-interface", InstanceType::ipv4PerInterface)
            .on("network-info.ipv6-addresses-per-interface", InstanceType::ipv6PerInterface)
            .on("network-info.ipv6-supported", t -> t.ipv6PerInterface() > 0);
    Page<InstanceType> page =
        Page.of(query, names, filters.apply(query, types), InstanceType::name, 5, 100);
    return new Outcome(turn.state(), page.answer("instanceTypeSet", CatalogActions::instanceType));
  }

  static InstanceType requireType(Turn turn, String name) {
    return turn.place()
        .types()
        .find(name)
        .orElseThrow(() ->
            new Ec2Error(
                    "InvalidInstanceType",
                    "The following supplied instance types do not exist: [" + name + "]")
                .refusal());
  }

  private static Element instanceType(InstanceType type) {
    return node(
        "item",
        leaf("instanceType", type.name()),
        leaf("bareMetal", type.isBareMetal()),
        optional(
            "hypervisor", type.isBareMetal() ? Optional.empty() : Optional.of(type.hypervisor())),
        node("processorInfo", items("supportedArchitectures", List.of(type.architecture()))),
        node("vCpuInfo", leaf("defaultVCpus", type.vcpus())),
        node("memoryInfo", leaf("sizeInMiB", type.memoryMib())),
        node(
            "networkInfo",
            leaf("maximumNetworkInterfaces", type.interfaces()),
            leaf("maximumNetworkCards", type.interfacesPerCard().size()),
            leaf("defaultNetworkCardIndex", type.defaultCard()),
            node(
                "networkCards",
                IntStream.range(0, type.interfacesPerCard().size())
                    .mapToObj(card ->
                        node(
                            "item",
                            leaf("networkCardIndex", card),
                            leaf("maximumNetworkInterfaces", type.interfacesPerCard().get(card))))
                    .toList()),
            leaf("ipv4AddressesPerInterface", type.ipv4PerInterface()),
            leaf("ipv6AddressesPerInterface", type.ipv6PerInterface()),
            leaf("ipv6Supported", type.ipv6PerInterface() > 0)));
  }
}
