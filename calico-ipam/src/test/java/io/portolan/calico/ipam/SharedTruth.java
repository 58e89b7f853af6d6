package io.portolan.calico.ipam;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.calico.model.AllocationAttributes;
import io.portolan.calico.model.ApiGroup;
import io.portolan.calico.model.Codecs;
import io.portolan.calico.model.Decoded;
import io.portolan.calico.model.IpamBlock;
import io.portolan.calico.model.ObjectKind;
import io.portolan.calico.model.Stored;
import io.portolan.common.kube.ObjectKey;
import io.portolan.common.net.IpAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Who really has which address, and what must never be written about it. */
final class SharedTruth implements SimulatedStore.WriteListener {
  /** By address, the pod that sends packets with it. */
  final Map<IpAddress, String> live = new TreeMap<>();

  final Map<String, Map<String, String>> nodes = new TreeMap<>();
  final Map<ObjectKey, PodFacts> pods = new HashMap<>();

  void begins(IpAddress address, String pod) {
    String other = live.putIfAbsent(address, pod);
    if (other != null) {
      throw new AssertionError(address + " was given to " + pod + " while " + other + " has it");
    }
  }

  void ends(IpAddress address, String pod) {
    live.remove(address, pod);
  }

  @Override
  public void written(ObjectKind kind, @Nullable ObjectNode before, @Nullable ObjectNode after) {
    if (kind != ObjectKind.IPAM_BLOCK || before == null) {
      return;
    }
    IpamBlock old = block(before);
    IpamBlock next = after == null ? null : block(after);
    for (int ordinal : old.held()) {
      String handle = handle(old, ordinal);
      boolean kept = next != null && next.isHeld(ordinal) && handle(next, ordinal).equals(handle);
      String pod = live.get(old.address(ordinal));
      if (!kept && pod != null) {
        throw new AssertionError(
            old.address(ordinal)
                + " was taken from handle "
                + handle
                + " while "
                + pod
                + " has it:\n"
                + before
                + "\n"
                + after);
      }
      if (next != null && next.isHeld(ordinal) && !kept) {
        throw new AssertionError(
            old.address(ordinal) + " went from " + handle + " to " + handle(next, ordinal));
      }
    }
  }

  private static String handle(IpamBlock block, int ordinal) {
    return block.attributes(ordinal).flatMap(AllocationAttributes::cleanHandle).orElse("");
  }

  static IpamBlock block(ObjectNode object) {
    return switch (Codecs.BLOCK.decode(object, ApiGroup.CRD)) {
      case Decoded.Understood<IpamBlock>(Stored<IpamBlock> stored) -> stored.value();
      case Decoded.Malformed<IpamBlock>(String name, String problem) ->
          throw new AssertionError(name + " was written malformed: " + problem + ": " + object);
    };
  }

  /** Everything the store says beyond, or short of, what there is; empty if they agree. */
  String differences(SimulatedStore store) {
    Set<String> found = new TreeSet<>();
    Map<String, Map<String, Integer>> counts = new TreeMap<>();
    Set<String> owned = new TreeSet<>();
    Set<IpAddress> held = new TreeSet<>();
    for (ObjectNode object : store.objects(ObjectKind.IPAM_BLOCK)) {
      IpamBlock block = block(object);
      block.owner().ifPresent(owner -> owned.add(owner.host() + " " + block.cidr()));
      for (int ordinal : block.held()) {
        IpAddress address = block.address(ordinal);
        held.add(address);
        if (!live.containsKey(address)) {
          found.add(address + " leaked: " + block.attributes(ordinal));
        }
        counts
            .computeIfAbsent(handle(block, ordinal), _ -> new TreeMap<>())
            .merge(block.cidr().toString(), 1, Integer::sum);
      }
    }
    for (IpAddress address : live.keySet()) {
      if (!held.contains(address)) {
        found.add(address + " is in use and not assigned");
      }
    }
    Set<String> handles = new TreeSet<>();
    for (ObjectNode object : store.objects(ObjectKind.IPAM_HANDLE)) {
      String id = object.at("/spec/handleID").asText();
      handles.add(id);
      if (!counts.containsKey(id)) {
        found.add("handle " + id + " has no address: " + object);
      }
    }
    counts.keySet().stream()
        .filter(id -> !handles.contains(id))
        .forEach(id -> found.add("no handle " + id));
    for (ObjectNode object : store.objects(ObjectKind.BLOCK_AFFINITY)) {
      String affinity = object.at("/spec/node").asText() + " " + object.at("/spec/cidr").asText();
      if (!owned.remove(affinity)) {
        found.add("affinity without block: " + affinity);
      } else if (!object.at("/spec/state").asText().equals("confirmed")) {
        found.add("affinity " + affinity + " is " + object.at("/spec/state").asText());
      }
      if (!nodes.containsKey(object.at("/spec/node").asText())) {
        found.add("affinity of a node that is gone: " + affinity);
      }
    }
    owned.forEach(each -> found.add("block without affinity: " + each));
    return String.join("\n", found);
  }

  /** As a collection sees it. */
  Map<ObjectKey, PodFacts> podsNow() {
    return Map.copyOf(pods);
  }

  List<String> nodeNames() {
    return List.copyOf(nodes.keySet());
  }
}
