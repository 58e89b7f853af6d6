package io.portolan.node.ipam;

import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.common.net.MacAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the cloud routes to this node: {@code NodeNetwork.status.supply}, parsed.
 *
 * @param revision the controller's revision of it
 * @param vpcCidrs destinations that see the pod's own address
 * @param interfaces the cloud's interfaces, by device index
 * @param nodeCidrs blocks of the node as a whole
 * @param releasing what the controller wants back
 */
public record Supply(
    long revision,
    List<Cidr> vpcCidrs,
    List<CloudInterface> interfaces,
    List<Cidr> nodeCidrs,
    List<Mark> releasing) {
  public static final Supply EMPTY = new Supply(0, List.of(), List.of(), List.of(), List.of());

  public Supply {
    vpcCidrs = List.copyOf(vpcCidrs);
    interfaces =
        interfaces.stream().sorted(Comparator.comparingInt(CloudInterface::deviceIndex)).toList();
    nodeCidrs = List.copyOf(nodeCidrs);
    releasing = List.copyOf(releasing);
  }

  /**
   * One ENI or NIC.
   *
   * @param id the cloud's name of it
   * @param mac how its device is found
   * @param deviceIndex 0 for the primary interface
   * @param networkCard 0 on most machines
   * @param subnets blocks of its subnet
   * @param gateway the subnet's IPv4 router
   * @param gatewayV6 the subnet's IPv6 router
   * @param primaryAddress its own address
   * @param blocks addresses (as /32, /128) and prefixes for pods
   */
  public record CloudInterface(
      String id,
      MacAddress mac,
      int deviceIndex,
      int networkCard,
      List<Cidr> subnets,
      Optional<IpAddress> gateway,
      Optional<IpAddress> gatewayV6,
      Optional<IpAddress> primaryAddress,
      List<Cidr> blocks) {
    public CloudInterface {
      subnets = List.copyOf(subnets);
      blocks = List.copyOf(blocks);
    }

    public Optional<IpAddress> gateway(IpFamily family) {
      return family == IpFamily.IPV4 ? gateway : gatewayV6;
    }

    /** Whether one of its blocks holds the address. */
    public boolean carries(IpAddress address) {
      return blocks.stream().anyMatch(block -> block.contains(address));
    }
  }

  /**
   * A block the controller wants back.
   *
   * @param block an address or a prefix of the supply
   * @param epoch the revision of the mark; answers repeat it
   */
  public record Mark(Cidr block, long epoch) implements Comparable<Mark> {
    @Override
    public int compareTo(Mark other) {
      int byBlock = block.compareTo(other.block);
      return byBlock != 0 ? byBlock : Long.compare(epoch, other.epoch);
    }
  }

  /** The interface that carries packets of {@code address}, if it is of the supply. */
  public Optional<CloudInterface> interfaceOf(IpAddress address) {
    return interfaces.stream().filter(i -> i.carries(address)).findFirst();
  }

  /**
   * Parses the API object's text.
   *
   * @throws IllegalArgumentException if some field cannot be understood; the message names it
   */
  public static Supply of(NodeNetworkStatus.Supply api) {
    List<CloudInterface> interfaces = new ArrayList<>();
    for (NodeNetworkStatus.Interface each : list(api.interfaces())) {
      String where = "interface " + each.id();
      List<Cidr> blocks =
          new ArrayList<>(
              parse(where + " addresses", each.addresses(), a -> IpAddress.parse(a).toCidr()));
      blocks.addAll(parse(where + " prefixes", each.prefixes(), Cidr::parse));
      interfaces.add(
          new CloudInterface(
              each.id(),
              one(where + " mac", each.mac(), MacAddress::parse),
              each.deviceIndex(),
              each.networkCard(),
              parse(where + " subnetCidrs", each.subnetCidrs(), Cidr::parse),
              optional(where + " gateway", each.gateway()),
              optional(where + " gatewayV6", each.gatewayV6()),
              optional(where + " primaryAddress", each.primaryAddress()),
              blocks));
    }
    return new Supply(
        api.revision(),
        parse("vpcCidrs", api.vpcCidrs(), Cidr::parse),
        interfaces,
        parse("nodeCidrs", api.nodeCidrs(), Cidr::parse),
        list(api.releasing()).stream()
            .map(r -> new Mark(one("releasing", r.cidr(), Cidr::parse), r.epoch()))
            .sorted()
            .toList());
  }

  private static <T> List<T> list(@Nullable List<T> values) {
    return values == null ? List.of() : values;
  }

  private static <T> List<T> parse(
      String field, @Nullable List<String> texts, Function<String, T> parser) {
    return list(texts).stream().map(text -> one(field, text, parser)).toList();
  }

  private static Optional<IpAddress> optional(String field, @Nullable String text) {
    return text == null || text.isEmpty()
        ? Optional.empty()
        : Optional.of(one(field, text, IpAddress::parse));
  }

  private static <T> T one(String field, String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("supply: " + field + ": " + e.getMessage(), e);
    }
  }
}
