package io.portolan.common.controller;

import io.portolan.common.api.v1alpha1.NodeNetworkStatus.Interface;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus.PoolCounts;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus.Release;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus.Supply;
import io.portolan.common.cloud.Attachment;
import io.portolan.common.cloud.CloudObservation;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.cloud.ObservedMachine;
import io.portolan.common.cloud.ObservedSubnet;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The supply of a node as its NodeNetwork publishes it. Pure. */
final class SupplyDocument {
  private SupplyDocument() {}

  /**
   * What the cloud gave the node, without what is withdrawn. Only attached interfaces count: an
   * address on one that is still attaching has no device to leave by.
   *
   * @param firstDeviceIndex interfaces below it are published without addresses for pods
   * @param marks blocks asked back; those the node no longer holds are left out
   */
  static Supply of(
      CloudObservation seen,
      NodeName node,
      int firstDeviceIndex,
      Set<Cidr> withdrawn,
      SortedMap<Cidr, Long> marks,
      PoolCounts counts,
      long revision) {
    List<Interface> interfaces = new ArrayList<>();
    TreeSet<Cidr> offered = new TreeSet<>();
    Optional<ObservedMachine> machine = seen.machine(node);
    if (machine.isPresent()) {
      for (ObservedInterface held : machine.get().interfaces()) {
        if (held.state() == ObservedInterface.State.ATTACHED && !held.unmanaged()) {
          boolean forPods =
              held.attachment()
                  .filter(a -> a.networkCard() > 0 || a.deviceIndex() >= firstDeviceIndex)
                  .isPresent();
          interfaces.add(
              document(held, forPods, seen.subnets().get(held.subnet()), withdrawn, offered));
        }
      }
    }
    List<Release> releasing = new ArrayList<>();
    marks.forEach((cidr, epoch) -> {
      if (offered.contains(cidr)) {
        releasing.add(new Release(cidr.toString(), epoch));
      }
    });
    return new Supply(
        revision,
        texts(seen.networkCidrs()),
        interfaces,
        texts(seen.nodeCidrs().getOrDefault(node, List.of())),
        releasing,
        counts);
  }

  private static Interface document(
      ObservedInterface held,
      boolean forPods,
      @Nullable ObservedSubnet subnet,
      Set<Cidr> withdrawn,
      Set<Cidr> offered) {
    List<String> addresses = new ArrayList<>();
    List<String> prefixes = new ArrayList<>();
    if (forPods) {
      for (IpAddress address : held.addresses()) {
        if (!withdrawn.contains(address.toCidr())) {
          addresses.add(address.toString());
          offered.add(address.toCidr());
        }
      }
      for (Cidr prefix : held.prefixes()) {
        if (!withdrawn.contains(prefix)) {
          prefixes.add(prefix.toString());
          offered.add(prefix);
        }
      }
    }
    List<Cidr> cidrs = subnet == null ? List.of() : subnet.cidrs();
    return new Interface(
        held.id().value(),
        held.mac().toString(),
        held.attachment().map(Attachment::deviceIndex).orElse(0),
        held.attachment().map(Attachment::networkCard).orElse(0),
        held.subnet().value(),
        texts(cidrs),
        gateway(cidrs, IpFamily.IPV4),
        gateway(cidrs, IpFamily.IPV6),
        held.primaryAddress().toString(),
        addresses,
        prefixes);
  }

  /** All clouds route a subnet by its first usable address. */
  private static @Nullable String gateway(List<Cidr> cidrs, IpFamily family) {
    for (Cidr cidr : cidrs) {
      if (cidr.family() == family && !cidr.isSingleAddress()) {
        return cidr.address(1).toString();
      }
    }
    return null;
  }

  /** Whether two supplies tell the node the same: revision and numbers for people aside. */
  static boolean sameForNode(Supply one, Supply other) {
    return Objects.equals(orEmpty(one.interfaces()), orEmpty(other.interfaces()))
        && Objects.equals(orEmpty(one.releasing()), orEmpty(other.releasing()))
        && Objects.equals(orEmpty(one.nodeCidrs()), orEmpty(other.nodeCidrs()))
        && Objects.equals(orEmpty(one.vpcCidrs()), orEmpty(other.vpcCidrs()));
  }

  /** Blocks by their epoch; a line that is not a block is no mark. */
  static SortedMap<Cidr, Long> releases(@Nullable List<Release> lines) {
    SortedMap<Cidr, Long> releases = new TreeMap<>();
    for (Release line : orEmpty(lines)) {
      block(line.cidr()).ifPresent(cidr -> releases.put(cidr, line.epoch()));
    }
    return releases;
  }

  /** What the node agent wrote is input like any other: text that is no block is passed over. */
  private static Optional<Cidr> block(String text) {
    try {
      return Optional.of(text.indexOf('/') < 0 ? IpAddress.parse(text).toCidr() : Cidr.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  static SortedMap<Cidr, Long> with(Map<Cidr, Long> marks, Collection<Cidr> more, long epoch) {
    SortedMap<Cidr, Long> changed = new TreeMap<>(marks);
    more.forEach(cidr -> changed.put(cidr, epoch));
    return changed;
  }

  static SortedMap<Cidr, Long> without(Map<Cidr, Long> marks, Collection<Cidr> less) {
    TreeMap<Cidr, Long> changed = new TreeMap<>(marks);
    less.forEach(changed::remove);
    return changed;
  }

  private static List<String> texts(List<Cidr> cidrs) {
    return cidrs.stream().map(Cidr::toString).toList();
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}
