package io.portolan.policy.compile;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.common.select.PodQuery;
import io.portolan.common.select.Selector;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftInterval;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.DomainPattern;
import io.portolan.policy.model.EndpointSlice;
import io.portolan.policy.model.HostEndpoint;
import io.portolan.policy.model.Protocol;
import io.portolan.policy.model.ServiceName;
import io.portolan.policy.nft.Skeleton;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What a set in the kernel holds, from which its name follows: the same content is programmed once
 * however many rules use it, and under the same name by every agent at every time.
 */
sealed interface SetSpec {

  NftSet set();

  /** Elements that do not depend on the cluster. */
  default List<NftElement> fixedElements() {
    return List.of();
  }

  /** A set whose elements come from the pods a query matches. */
  sealed interface OfPods extends SetSpec {
    PodQuery query();

    /**
     * One pod's elements.
     *
     * @param owned the addresses that are the pod's and nobody else's
     */
    List<NftElement> elementsOf(ClusterPod pod, Collection<IpAddress> owned);

    /** A host endpoint's, where the query reaches what is in no namespace. */
    List<NftElement> elementsOf(HostEndpoint endpoint);
  }

  /**
   * Addresses of the pods a query matches, and blocks of the network sets it matches. Where these
   * may be, the set is one of intervals.
   */
  record Addresses(PodQuery query, IpFamily family) implements OfPods {
    @Override
    public NftSet set() {
      String kind = holdsBlocks() ? "peers" : "pods";
      NftSet set =
          NftSet.of(
                  Naming.set(kind + Skeleton.suffix(family), query.text()),
                  Skeleton.address(family))
              .comment(Naming.comment(query.text()));
      return holdsBlocks() ? set.interval() : set;
    }

    boolean holdsBlocks() {
      return query.view() == PodQuery.View.INHERITED;
    }

    @Override
    public List<NftElement> elementsOf(ClusterPod pod, Collection<IpAddress> owned) {
      return owned.stream()
          .filter(address -> address.family() == family)
          .map(address -> NftElement.of(Skeleton.value(address)))
          .toList();
    }

    @Override
    public List<NftElement> elementsOf(HostEndpoint endpoint) {
      throw new IllegalStateException("a set with host endpoints counts its blocks");
    }
  }

  /** Address and number of the ports that the pods a query matches declare under a name. */
  record NamedPorts(PodQuery query, Protocol protocol, String port, IpFamily family)
      implements OfPods {

    @Override
    public NftSet set() {
      String text = protocol.text() + " port '" + port + "' of " + query.text();
      return NftSet.of(
              Naming.set("ports" + Skeleton.suffix(family), text),
              Skeleton.address(family),
              NftType.INET_SERVICE)
          .comment(Naming.comment(text));
    }

    @Override
    public List<NftElement> elementsOf(ClusterPod pod, Collection<IpAddress> owned) {
      return elements(pod.ports(), owned);
    }

    @Override
    public List<NftElement> elementsOf(HostEndpoint endpoint) {
      return elements(endpoint.ports(), endpoint.expected());
    }

    private List<NftElement> elements(
        List<ClusterPod.NamedPort> ports, Collection<IpAddress> addresses) {
      List<NftElement> elements = new ArrayList<>();
      for (ClusterPod.NamedPort candidate : ports) {
        if (candidate.name().equals(port) && candidate.protocol().equals(protocol)) {
          for (IpAddress address : addresses) {
            if (address.family() == family) {
              elements.add(
                  NftElement.of(Skeleton.value(address), NftValue.port(candidate.number())));
            }
          }
        }
      }
      return elements;
    }
  }

  /** Endpoints of a service: their addresses, or with their ports what is reached there. */
  record Endpoints(ServiceName service, boolean withPorts, IpFamily family) implements SetSpec {
    @Override
    public NftSet set() {
      String text = (withPorts ? "ports of service " : "service ") + service;
      String name = Naming.set("endpoints" + Skeleton.suffix(family), text);
      NftSet set =
          withPorts
              ? NftSet.of(name, Skeleton.address(family), NftType.INET_PROTO, NftType.INET_SERVICE)
              : NftSet.of(name, Skeleton.address(family));
      return set.comment(Naming.comment(text));
    }

    /** Those of one slice. */
    List<NftElement> elementsOf(EndpointSlice slice) {
      List<NftElement> elements = new ArrayList<>();
      for (IpAddress address : slice.addresses()) {
        if (address.family() != family) {
          continue;
        }
        if (!withPorts) {
          elements.add(NftElement.of(Skeleton.value(address)));
          continue;
        }
        for (EndpointSlice.Port port : slice.ports()) {
          elements.add(
              NftElement.of(
                  Skeleton.value(address),
                  NftValue.protocol(port.protocol().number()),
                  NftValue.port(port.number())));
        }
      }
      return elements;
    }
  }

  /** A set of the addresses of what is named otherwise than pods are. */
  sealed interface OfHolders extends SetSpec {
    IpFamily family();

    boolean includes(AddressHolder holder);
  }

  /** Addresses of the nodes with such labels. */
  record Nodes(Selector labels, IpFamily family) implements OfHolders {
    @Override
    public NftSet set() {
      return NftSet.of(
              Naming.set("nodes" + Skeleton.suffix(family), labels.text()),
              Skeleton.address(family))
          .comment(Naming.comment("nodes: " + labels.text()));
    }

    @Override
    public boolean includes(AddressHolder holder) {
      return holder instanceof AddressHolder.Node node && labels.matches(node.labels());
    }
  }

  /**
   * Addresses that domain names stand for.
   *
   * @param names sorted, each once
   */
  record Domains(List<DomainPattern> names, IpFamily family) implements OfHolders {
    @Override
    public NftSet set() {
      String text = Naming.list(names);
      return NftSet.of(
              Naming.set("domains" + Skeleton.suffix(family), text), Skeleton.address(family))
          .comment(Naming.comment(text));
    }

    @Override
    public boolean includes(AddressHolder holder) {
      return holder instanceof AddressHolder.Domain domain
          && names.stream().anyMatch(pattern -> pattern.matches(domain.name()));
    }
  }

  /**
   * Blocks of one family.
   *
   * @param blocks disjoint and sorted
   */
  record Networks(List<Cidr> blocks) implements SetSpec {
    public Networks {
      blocks = List.copyOf(blocks);
    }

    IpFamily family() {
      return blocks.getFirst().family();
    }

    @Override
    public NftSet set() {
      String text = Naming.list(blocks);
      return NftSet.of(
              Naming.set("nets" + Skeleton.suffix(family()), text), Skeleton.address(family()))
          .interval()
          .comment(Naming.comment(text));
    }

    @Override
    public List<NftElement> fixedElements() {
      return blocks.stream()
          .map(block ->
              NftElement.of(
                  NftInterval.prefix(Skeleton.value(block.network()), block.prefixLength())))
          .toList();
    }
  }

  /**
   * Ports of one protocol.
   *
   * @param ranges disjoint and sorted
   */
  record Ports(Protocol protocol, List<PortRange> ranges) implements SetSpec {
    public Ports {
      ranges = List.copyOf(ranges);
    }

    @Override
    public NftSet set() {
      String text = protocol.text() + " " + Naming.list(ranges);
      return NftSet.of(Naming.set("ports", text), NftType.INET_SERVICE)
          .interval()
          .comment(Naming.comment(text));
    }

    @Override
    public List<NftElement> fixedElements() {
      return ranges.stream()
          .map(r -> NftElement.of(NftInterval.of(NftValue.port(r.from()), NftValue.port(r.to()))))
          .toList();
    }
  }
}
