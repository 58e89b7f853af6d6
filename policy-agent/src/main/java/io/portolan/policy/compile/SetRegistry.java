package io.portolan.policy.compile;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftSet;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.select.QueryIndex;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The sets that rules look into, each there as long as some rule needs it, with its members.
 *
 * <p>A pod's membership is not remembered: before a pod changes, what it contributes is taken out,
 * and after that put in again. {@link DesiredTable} drops what cancels out.
 */
final class SetRegistry {
  private final DesiredTable table;
  private final HolderSets holders;
  private final Map<SetSpec, Integer> uses = new HashMap<>();
  private final QueryIndex<Members> index = new QueryIndex<>();

  SetRegistry(DesiredTable table, HolderSets holders) {
    this.table = table;
    this.holders = holders;
  }

  /** A set of pods with its kernel name at hand, so that a membership change computes no hash. */
  private record Members(SetSpec.OfPods spec, NftSet set) {}

  /** Pods with their namespaces' labels, in whatever order. */
  interface Population {
    void forEachMatching(SetSpec.OfPods set, PodVisitor visitor);
  }

  interface PodVisitor {
    void visit(ClusterPod pod, List<IpAddress> owned);
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
    if (spec instanceof SetSpec.OfPods ofPods) {
      index.add(ofPods.query(), new Members(ofPods, set));
      population.forEachMatching(
          ofPods,
          (pod, owned) ->
              ofPods.elementsOf(pod, owned).forEach(e -> table.putElement(set.name(), e)));
    }
  }

  void release(SetSpec spec) {
    if (uses.merge(spec, -1, Integer::sum) > 0) {
      return;
    }
    uses.remove(spec);
    NftSet set = spec.set();
    if (spec instanceof SetSpec.OfHolders ofHolders) {
      holders.release(ofHolders);
    }
    if (spec instanceof SetSpec.OfPods ofPods) {
      index.remove(ofPods.query(), new Members(ofPods, set));
    }
    table.removeSet(set.name());
  }

  /** Takes a pod's elements out of all sets; the pod and its namespace are as when they went in. */
  void retract(ClusterPod pod, Map<String, String> namespaceLabels, List<IpAddress> owned) {
    index.matching(
        pod.name().namespace(),
        namespaceLabels,
        pod.labels(),
        members -> {
          for (NftElement element : members.spec().elementsOf(pod, owned)) {
            table.removeElement(members.set().name(), element.key());
          }
        });
  }

  void contribute(ClusterPod pod, Map<String, String> namespaceLabels, List<IpAddress> owned) {
    index.matching(
        pod.name().namespace(),
        namespaceLabels,
        pod.labels(),
        members -> {
          for (NftElement element : members.spec().elementsOf(pod, owned)) {
            table.putElement(members.set().name(), element);
          }
        });
  }
}
