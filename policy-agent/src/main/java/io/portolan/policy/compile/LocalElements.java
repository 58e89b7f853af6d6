package io.portolan.policy.compile;

import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.NftVerdict;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.EndpointId;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.Skeleton;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The elements by which the skeleton finds the pods of this node and their classes. */
public final class LocalElements {
  private final DesiredTable table;
  private final Map<EndpointId, Placement> placements = new HashMap<>();
  private final Map<String, Integer> interfaceUsers = new HashMap<>();

  LocalElements(DesiredTable table) {
    this.table = table;
    Skeleton.build(table);
  }

  /**
   * The chains that decide over an admitted pod.
   *
   * @param egress empty where no policy isolates it
   * @param ingress likewise
   */
  public record Standing(Optional<String> egress, Optional<String> ingress) {}

  private record Placed(String set, NftElement element) {}

  private record Placement(
      String hostInterface,
      List<Placed> elements,
      Map<Direction, PolicyClass> classes,
      Optional<PolicyClass> toOwnNode,
      boolean enforced) {
    Collection<PolicyClass> all() {
      List<PolicyClass> all = new ArrayList<>(classes.values());
      toOwnNode.ifPresent(all::add);
      return all;
    }
  }

  Optional<Standing> standing(EndpointId id) {
    return Optional.ofNullable(placements.get(id))
        .filter(Placement::enforced)
        .map(placement ->
            new Standing(chain(placement, Direction.EGRESS), chain(placement, Direction.INGRESS)));
  }

  /** Empty where no policy isolates it, and while it is not admitted. */
  Optional<PolicyClass> policyClass(EndpointId id, Direction direction) {
    return Optional.ofNullable(placements.get(id))
        .map(placement -> placement.classes().get(direction));
  }

  /** Places a pod that has no placement. */
  void put(
      LocalPod local,
      boolean enforced,
      Map<Direction, PolicyClass> classes,
      Optional<PolicyClass> toOwnNode) {
    List<Placed> elements = new ArrayList<>();
    for (IpAddress address : local.addresses()) {
      elements.addAll(elements(local, address, enforced, classes));
      toOwnNode.ifPresent(node -> {
        IpFamily family = address.family();
        NftValue value = Skeleton.value(address);
        NftVerdict verdict = NftVerdict.jump(node.chain().name());
        elements.add(placed(Skeleton.toOwnNode(family), NftElement.mapping(verdict, value)));
        elements.add(placed(Skeleton.policedToOwnNode(family), NftElement.of(value)));
      });
    }
    elements.forEach(placed -> table.putElement(placed.set(), placed.element()));
    if (interfaceUsers.merge(local.hostInterface(), 1, Integer::sum) == 1) {
      table.putElement(Skeleton.PODS.name(), interfaceElement(local.hostInterface()));
    }
    placements.put(
        local.id(),
        new Placement(local.hostInterface(), elements, Map.copyOf(classes), toOwnNode, enforced));
  }

  /** Takes a pod out, if it is there, and returns its classes, for release. */
  Collection<PolicyClass> remove(EndpointId id) {
    Placement old = placements.remove(id);
    if (old == null) {
      return List.of();
    }
    for (Placed placed : old.elements()) {
      table.removeElement(placed.set(), placed.element().key());
    }
    if (interfaceUsers.merge(old.hostInterface(), -1, Integer::sum) == 0) {
      interfaceUsers.remove(old.hostInterface());
      table.removeElement(Skeleton.PODS.name(), interfaceElement(old.hostInterface()).key());
    }
    return old.all();
  }

  /** Isolates a pod in a table that has the skeleton, whatever class it was in. */
  public static void isolate(DesiredTable table, LocalPod local) {
    table.putElement(Skeleton.PODS.name(), interfaceElement(local.hostInterface()));
    for (IpAddress address : local.addresses()) {
      elements(local, address, false, Map.of())
          .forEach(placed -> table.putElement(placed.set(), placed.element()));
    }
  }

  private static List<Placed> elements(
      LocalPod local, IpAddress address, boolean enforced, Map<Direction, PolicyClass> classes) {
    IpFamily family = address.family();
    NftValue value = Skeleton.value(address);
    NftElement pair = NftElement.of(NftValue.ifname(local.hostInterface()), value);
    List<Placed> elements = new ArrayList<>();
    elements.add(placed(Skeleton.sources(family), pair));
    elements.add(placed(Skeleton.itself(family), NftElement.of(value, value)));
    if (!enforced) {
      elements.add(placed(Skeleton.isolated(family), pair));
    }
    for (Direction direction : Direction.values()) {
      Optional<NftVerdict> verdict =
          enforced
              ? Optional.ofNullable(classes.get(direction))
                  .map(policyClass -> NftVerdict.jump(policyClass.chain().name()))
              : Optional.of(Skeleton.isolation());
      verdict.ifPresent(v -> {
        elements.add(placed(Skeleton.classes(direction, family), NftElement.mapping(v, value)));
        elements.add(placed(Skeleton.policed(direction, family), NftElement.of(value)));
      });
    }
    return elements;
  }

  private static Placed placed(NftSet set, NftElement element) {
    return new Placed(set.name(), element);
  }

  private static NftElement interfaceElement(String name) {
    return NftElement.of(NftValue.ifname(name));
  }

  private static Optional<String> chain(Placement placement, Direction direction) {
    return Optional.ofNullable(placement.classes().get(direction))
        .map(policyClass -> policyClass.chain().name());
  }
}
