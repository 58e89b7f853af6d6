package io.portolan.policy.nft;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.route.MacAddress;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The pods of one bridge.
 *
 * @param bridge its name
 * @param mac of the bridge itself
 * @param pods their addresses, sorted
 * @param ports that lead into containers, with the addresses found there; none where they could not
 *     be read
 */
public record BridgedPods(
    String bridge, MacAddress mac, List<IpAddress> pods, SortedMap<String, List<IpAddress>> ports) {
  public BridgedPods {
    pods = List.copyOf(pods);
    ports = Collections.unmodifiableSortedMap(new TreeMap<>(ports));
  }

  /** The addresses found in containers. */
  public List<IpAddress> inContainers() {
    return ports.values().stream().flatMap(Collection::stream).distinct().sorted().toList();
  }
}
