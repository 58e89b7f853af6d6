package io.portolan.policy.cases;

import io.portolan.common.kube.PodRecord;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.PodName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Who holds which address in a state of a cluster: running pods, and nodes. */
public final class AddressHolders {
  private final List<HoldingPod> pods = new ArrayList<>();
  private final Map<IpAddress, PodName> byAddress = new HashMap<>();

  /** Nodes by their addresses, also as their pods in the host's network show them. */
  private final Map<IpAddress, String> nodes = new HashMap<>();

  public static final AddressHolders NOBODY = of(ClusterState.EMPTY);

  private AddressHolders() {}

  /**
   * A pod with the addresses that are its own.
   *
   * @param uid differs from any other pod's
   * @param node empty if the pod is on none
   */
  public record HoldingPod(PodName name, String uid, String node, List<IpAddress> addresses) {
    public HoldingPod {
      addresses = List.copyOf(addresses);
    }
  }

  /** Of several pods that show an address, the one that was there last holds it. */
  static AddressHolders of(ClusterState state) {
    AddressHolders holders = new AddressHolders();
    Map<IpAddress, ClusterPod> latest = new HashMap<>();
    Map<PodName, ClusterPod> pods = new HashMap<>();
    for (PodRecord record : state.pods().values()) {
      ClusterPod pod = ClusterState.pod(record);
      pods.put(pod.name(), pod);
      for (IpAddress address : pod.addresses()) {
        latest.merge(
            address, pod, (one, other) -> ClusterPod.BY_AGE.compare(one, other) > 0 ? one : other);
      }
      if (record.hostNetwork() && !record.finished()) {
        record.ips().forEach(address -> holders.nodes.put(address, record.node()));
      }
    }
    state
        .nodes()
        .values()
        .forEach(
            node -> node.addresses().forEach(address -> holders.nodes.put(address, node.name())));
    latest.forEach((address, pod) -> holders.byAddress.put(address, pod.name()));
    state
        .pods()
        .forEach((name, record) -> {
          ClusterPod pod = Objects.requireNonNull(pods.get(name));
          List<IpAddress> own =
              pod.addresses().stream().filter(a -> name.equals(holders.byAddress.get(a))).toList();
          if (!own.isEmpty()) {
            holders.pods.add(new HoldingPod(name, pod.uid(), record.node(), own));
          }
        });
    return holders;
  }

  /** Those that hold an address. */
  public List<HoldingPod> pods() {
    return List.copyOf(pods);
  }

  public Optional<PodName> pod(IpAddress address) {
    return Optional.ofNullable(byAddress.get(address));
  }

  /** The node whose own address it is. */
  public Optional<String> node(IpAddress address) {
    return Optional.ofNullable(nodes.get(address));
  }

  /** Nodes by their own addresses. */
  public Map<IpAddress, String> nodes() {
    return Map.copyOf(nodes);
  }
}
