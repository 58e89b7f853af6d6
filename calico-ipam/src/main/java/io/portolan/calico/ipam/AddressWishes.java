package io.portolan.calico.ipam;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.calico.model.MalformedObjectException;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a pod wants of its addresses: annotations of the pod, else of its namespace.
 *
 * @param families it wants an address of each
 * @param pools names or CIDRs, in order of preference; none of a family for those that select it
 * @param addresses it wants these and no others; at most one of a family, which stands for the
 *     family
 */
public record AddressWishes(
    Set<IpFamily> families, Map<IpFamily, List<String>> pools, List<IpAddress> addresses) {
  /** A list of pools' names or CIDRs, of a pod or a namespace. */
  public static final String IPV4_POOLS = "cni.projectcalico.org/ipv4pools";

  /** As {@link #IPV4_POOLS}. */
  public static final String IPV6_POOLS = "cni.projectcalico.org/ipv6pools";

  /** {@code ["IPv4","IPv6"]}, of a pod or a namespace. */
  public static final String FAMILIES = "cni.projectcalico.org/ipFamilies";

  /** A list of addresses, of a pod. */
  public static final String ADDRESSES = "cni.projectcalico.org/ipAddrs";

  /** All that say something here. */
  public static final Set<String> ANNOTATIONS = Set.of(IPV4_POOLS, IPV6_POOLS, FAMILIES, ADDRESSES);

  private static final ObjectMapper JSON = new ObjectMapper();

  public AddressWishes {
    families = Collections.unmodifiableSet(EnumSet.copyOf(families));
    pools = Collections.unmodifiableMap(new EnumMap<>(pools));
    addresses = List.copyOf(addresses);
  }

  /**
   * @param defaults the families of a pod that says nothing; not empty
   * @throws MalformedObjectException naming the annotation that cannot be understood
   */
  public static AddressWishes of(
      Map<String, String> pod, Map<String, String> namespace, Set<IpFamily> defaults)
      throws MalformedObjectException {
    Map<IpFamily, List<String>> pools = new EnumMap<>(IpFamily.class);
    pools.put(IpFamily.IPV4, texts(IPV4_POOLS, pod, namespace));
    pools.put(IpFamily.IPV6, texts(IPV6_POOLS, pod, namespace));
    Set<IpFamily> families = EnumSet.noneOf(IpFamily.class);
    for (String text : texts(FAMILIES, pod, namespace)) {
      families.add(family(text));
    }
    List<IpAddress> addresses = new ArrayList<>();
    Set<IpFamily> fixed = EnumSet.noneOf(IpFamily.class);
    for (String text : texts(ADDRESSES, pod, Map.of())) {
      IpAddress address = address(text);
      addresses.add(address);
      if (!fixed.add(address.family())) {
        throw problem(ADDRESSES, "at most one address of a family");
      }
    }
    return new AddressWishes(
        !fixed.isEmpty() ? fixed : families.isEmpty() ? defaults : families, pools, addresses);
  }

  /** Whether any address of the families will do. */
  public boolean isPlain() {
    return addresses.isEmpty() && pools.values().stream().allMatch(List::isEmpty);
  }

  private static List<String> texts(
      String key, Map<String, String> pod, Map<String, String> namespace)
      throws MalformedObjectException {
    String text = pod.getOrDefault(key, namespace.getOrDefault(key, ""));
    if (text.isBlank()) {
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode item : list(key, text)) {
      if (!item.isTextual()) {
        throw problem(key, "expected a JSON list of texts, not " + text);
      }
      texts.add(item.asText());
    }
    return texts;
  }

  private static JsonNode list(String key, String text) throws MalformedObjectException {
    try {
      JsonNode list = JSON.readTree(text);
      if (list.isArray()) {
        return list;
      }
    } catch (JsonProcessingException e) {
      // The same answer as to another kind of value.
    }
    throw problem(key, "expected a JSON list of texts, not " + text);
  }

  private static IpFamily family(String text) throws MalformedObjectException {
    return switch (text) {
      case "IPv4" -> IpFamily.IPV4;
      case "IPv6" -> IpFamily.IPV6;
      default -> throw problem(FAMILIES, "expected IPv4 or IPv6, not " + text);
    };
  }

  private static IpAddress address(String text) throws MalformedObjectException {
    try {
      return IpAddress.parse(text);
    } catch (IllegalArgumentException e) {
      throw problem(ADDRESSES, String.valueOf(e.getMessage()));
    }
  }

  private static MalformedObjectException problem(String key, String problem) {
    return new MalformedObjectException("annotation " + key + ": " + problem);
  }
}
