package io.portolan.policy.compile;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.select.PodQuery;
import io.portolan.common.select.QueryIndex;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftInterval;
import io.portolan.linux.nft.NftSet;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.HostEndpoint;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.Skeleton;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The sets that rules look into, each there as long as some rule needs it, with its members.
 *
 * <p>A pod's membership is not remembered: before a pod changes, what it contributes is taken out,
 * and after that put in again. {@link DesiredTable} drops what cancels out. Network sets likewise;
 * where they may be members, addresses and blocks are counted and kept disjoint.
 */
final class SetRegistry {
  private final DesiredTable table;
  private final HolderSets holders;
  private final ServiceSets services;
  private final Map<SetSpec, Integer> uses = new HashMap<>();
  private final ViewIndex<Members> index = new ViewIndex<>();
  private final Map<SetSpec, CountedBlocks> counted = new HashMap<>();

  SetRegistry(DesiredTable table, HolderSets holders, ServiceSets services) {
    this.table = table;
    this.holders = holders;
    this.services = services;
  }

  /** A set of pods with its kernel name at hand, so that a membership change computes no hash. */
  private record Members(SetSpec.OfPods spec, NftSet set) {}

  /** What a set selects, in whatever order. */
  interface Population {
    void forEachMatching(SetSpec.OfPods set, Visitor visitor);
  }

  interface Visitor {
    void visit(ClusterPod pod, List<IpAddress> owned);

    /** Of a network set. */
    void visit(List<Cidr> blocks);

    void visit(HostEndpoint endpoint);
  }

  void acquire(SetSpec spec, Population population) {
    if (uses.merge(spec, 1, Integer::sum) > 1) {
      return;
    }
    NftSet set = spec.set();
    table.putSet(set);
    spec.fixedElements().forEach(element -> table.putElement(set.name(), element));
    if (spec instanceof SetSpec.OfHolders ofHolders) {
      holders.acquire(ofHolders, set);
    }
    if (spec instanceof SetSpec.Endpoints endpoints) {
      services.acquire(endpoints, set);
    }
    if (spec instanceof SetSpec.OfPods ofPods) {
      Members members = new Members(ofPods, set);
      index.add(ofPods.query(), members);
      if (ofPods instanceof SetSpec.Addresses addresses && addresses.holdsBlocks()) {
        counted.put(
            spec,
            new CountedBlocks(
                block -> table.putElement(set.name(), element(block)),
                block -> table.removeElement(set.name(), element(block).key())));
      }
      population.forEachMatching(
          ofPods,
          new Visitor() {
            @Override
            public void visit(ClusterPod pod, List<IpAddress> owned) {
              put(members, pod, owned);
            }

            @Override
            public void visit(List<Cidr> blocks) {
              // A set of named ports has no use for them.
              if (isCounted(members)) {
                withBlocks(members, blocks, counter(members)::add);
              }
            }

            @Override
            public void visit(HostEndpoint endpoint) {
              put(members, endpoint);
            }
          });
    }
  }

  void release(SetSpec spec) {
    if (uses.merge(spec, -1, Integer::sum) > 0) {
      return;
    }
    uses.remove(spec);
    counted.remove(spec);
    NftSet set = spec.set();
    if (spec instanceof SetSpec.OfHolders ofHolders) {
      holders.release(ofHolders);
    }
    if (spec instanceof SetSpec.Endpoints endpoints) {
      services.release(endpoints);
    }
    if (spec instanceof SetSpec.OfPods ofPods) {
      index.remove(ofPods.query(), new Members(ofPods, set));
    }
    table.removeSet(set.name());
  }

  /** Takes a pod's elements out of all sets; the pod looks as it did when they went in. */
  void retract(PodView pod, List<IpAddress> owned) {
    index.matching(
        pod,
        members -> {
          if (isCounted(members)) {
            withBlocks(members, blocks(owned), counter(members)::remove);
          } else {
            for (NftElement element : members.spec().elementsOf(pod.pod(), owned)) {
              table.removeElement(members.set().name(), element.key());
            }
          }
        });
  }

  void contribute(PodView pod, List<IpAddress> owned) {
    index.matching(pod, members -> put(members, pod.pod(), owned));
  }

  /** Takes a network set's blocks out of all sets; it looks as it did when they went in. */
  void retract(NetworkView network, List<Cidr> blocks) {
    matching(network, members -> withBlocks(members, blocks, counter(members)::remove));
  }

  void contribute(NetworkView network, List<Cidr> blocks) {
    matching(network, members -> withBlocks(members, blocks, counter(members)::add));
  }

  /** Takes a host endpoint's elements out of all sets, and thereby those of others at its place. */
  void retract(HostEndpoint endpoint) {
    index
        .index(PodQuery.View.INHERITED)
        .matchingGlobal(
            endpoint.labels(),
            members -> {
              if (isCounted(members)) {
                withBlocks(members, blocks(endpoint.expected()), counter(members)::remove);
              } else {
                for (NftElement element : members.spec().elementsOf(endpoint)) {
                  table.removeElement(members.set().name(), element.key());
                }
              }
            });
  }

  void contribute(HostEndpoint endpoint) {
    index
        .index(PodQuery.View.INHERITED)
        .matchingGlobal(endpoint.labels(), members -> put(members, endpoint));
  }

  private void put(Members members, HostEndpoint endpoint) {
    if (isCounted(members)) {
      withBlocks(members, blocks(endpoint.expected()), counter(members)::add);
    } else {
      for (NftElement element : members.spec().elementsOf(endpoint)) {
        table.putElement(members.set().name(), element);
      }
    }
  }

  private void matching(NetworkView network, Consumer<Members> found) {
    QueryIndex<Members> queries = index.index(PodQuery.View.INHERITED);
    Consumer<Members> ofAddresses =
        members -> {
          if (isCounted(members)) {
            found.accept(members);
          }
        };
    if (network.namespace().isEmpty()) {
      queries.matchingGlobal(network.labels(), ofAddresses);
    } else {
      queries.matching(
          network.namespace(), network.namespaceLabels(), network.labels(), ofAddresses);
    }
  }

  private void put(Members members, ClusterPod pod, List<IpAddress> owned) {
    if (isCounted(members)) {
      withBlocks(members, blocks(owned), counter(members)::add);
    } else {
      for (NftElement element : members.spec().elementsOf(pod, owned)) {
        table.putElement(members.set().name(), element);
      }
    }
  }

  private boolean isCounted(Members members) {
    return counted.containsKey(members.spec());
  }

  private CountedBlocks counter(Members members) {
    return Objects.requireNonNull(counted.get(members.spec()));
  }

  /** Those of the set's family. */
  private static void withBlocks(Members members, Collection<Cidr> blocks, Consumer<Cidr> action) {
    if (members.spec() instanceof SetSpec.Addresses addresses) {
      blocks.stream().filter(block -> block.family() == addresses.family()).forEach(action);
    }
  }

  private static List<Cidr> blocks(List<IpAddress> addresses) {
    return addresses.stream().map(a -> Cidr.containing(a, a.family().bits())).toList();
  }

  private static NftElement element(Cidr block) {
    return NftElement.of(NftInterval.prefix(Skeleton.value(block.network()), block.prefixLength()));
  }
}
