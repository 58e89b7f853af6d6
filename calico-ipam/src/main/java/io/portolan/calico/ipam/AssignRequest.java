package io.portolan.calico.ipam;

import io.portolan.calico.model.AllocationAttributes;
import io.portolan.calico.model.IpPool;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Asks for one address. The handle names the request: who repeats it gets the same address again.
 *
 * @param handle of at most one address of each family
 * @param attributes what the block is to say of the address
 * @param pools names or CIDRs of pools, in order of preference; empty for those that select the
 *     node and the namespace
 * @param namespace labels of the pod's namespace; empty for an address that no pod has
 * @param address it must be this one; then pools are not asked for
 */
public record AssignRequest(
    String handle,
    Map<String, String> attributes,
    IpFamily family,
    IpPool.Use use,
    List<String> pools,
    Optional<Map<String, String>> namespace,
    Optional<IpAddress> address) {

  public AssignRequest {
    attributes = Map.copyOf(new TreeMap<>(attributes));
    pools = List.copyOf(pools);
  }

  /** Any address for a pod, of the pools that select it. */
  public static AssignRequest forPod(
      String handle, String namespace, String pod, String node, IpFamily family) {
    return new AssignRequest(
        handle,
        Map.of(
            AllocationAttributes.NAMESPACE, namespace,
            AllocationAttributes.POD, pod,
            AllocationAttributes.NODE, node),
        family,
        IpPool.Use.WORKLOAD,
        List.of(),
        Optional.of(Map.of()),
        Optional.empty());
  }

  AllocationAttributes who() {
    return AllocationAttributes.of(handle, attributes);
  }
}
