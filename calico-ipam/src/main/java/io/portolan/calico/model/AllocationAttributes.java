package io.portolan.calico.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a block says of the addresses that were assigned in one go, or released in one.
 *
 * @param handle absent for addresses that rest after their release
 * @param owner who has them: {@link #POD}, {@link #NAMESPACE} and {@link #NODE} for a pod
 * @param alternateOwner who had them or is to have them, while a virtual machine moves
 * @param releasedAt since when they rest
 * @param others fields that are not understood
 */
public record AllocationAttributes(
    Optional<String> handle,
    Map<String, String> owner,
    Map<String, String> alternateOwner,
    Optional<Instant> releasedAt,
    Map<String, JsonNode> others) {
  public static final String POD = "pod";
  public static final String NAMESPACE = "namespace";
  public static final String NODE = "node";
  public static final String TIMESTAMP = "timestamp";

  /** Of what kind an address is that no pod has: one of a tunnel. */
  public static final String TYPE = "type";

  public static final String SERVICE = "service";

  public AllocationAttributes {
    owner = Collections.unmodifiableMap(new TreeMap<>(owner));
    alternateOwner = Collections.unmodifiableMap(new TreeMap<>(alternateOwner));
    others = Collections.unmodifiableMap(new TreeMap<>(others));
  }

  public static AllocationAttributes of(String handle, Map<String, String> owner) {
    return new AllocationAttributes(
        Optional.of(handle), owner, Map.of(), Optional.empty(), Map.of());
  }

  public static AllocationAttributes releasedAt(Instant time) {
    return new AllocationAttributes(
        Optional.empty(), Map.of(), Map.of(), Optional.of(time), Map.of());
  }

  /**
   * The handle without what a move from host-local files once left behind a carriage return
   * (cni-plugin issue 821).
   */
  public Optional<String> cleanHandle() {
    return handle.map(text -> text.split("\r", 2)[0]);
  }

  public String owner(String key) {
    return owner.getOrDefault(key, "");
  }
}
