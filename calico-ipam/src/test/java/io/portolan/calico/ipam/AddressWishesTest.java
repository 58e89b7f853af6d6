package io.portolan.calico.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.portolan.calico.model.MalformedObjectException;
import io.portolan.common.net.IpFamily;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class AddressWishesTest {
  private static String read(Map<String, String> pod, Map<String, String> namespace) {
    try {
      AddressWishes wishes = AddressWishes.of(pod, namespace, Set.of(IpFamily.IPV4));
      return wishes.families()
          + " of "
          + wishes.pools()
          + " "
          + wishes.addresses()
          + " plain "
          + wishes.isPlain();
    } catch (MalformedObjectException e) {
      return "" + e.getMessage();
    }
  }

  @Test
  void thePodSaysMoreThanItsNamespace() {
    assertEquals("[IPV4] of {IPV4=[], IPV6=[]} [] plain true", read(Map.of(), Map.of()));
    assertEquals(
        "[IPV4, IPV6] of {IPV4=[b], IPV6=[fd00::/64]} [] plain false",
        read(
            Map.of(AddressWishes.IPV4_POOLS, "[\"b\"]"),
            Map.of(
                AddressWishes.IPV4_POOLS, "[\"a\"]",
                AddressWishes.IPV6_POOLS, "[\"fd00::/64\"]",
                AddressWishes.FAMILIES, "[\"IPv6\",\"IPv4\"]")));
    assertEquals(
        "[IPV6] of {IPV4=[], IPV6=[]} [fd00::1] plain false",
        read(Map.of(AddressWishes.ADDRESSES, "[\"fd00::1\"]"), Map.of()));
  }

  @Test
  void whatIsNotUnderstoodIsNamed() {
    assertEquals(
        "annotation cni.projectcalico.org/ipv4pools: expected a JSON list of texts, not a, b",
        read(Map.of(AddressWishes.IPV4_POOLS, "a, b"), Map.of()));
    assertEquals(
        "annotation cni.projectcalico.org/ipAddrs: '10.0.0' is not an IP address",
        read(Map.of(AddressWishes.ADDRESSES, "[\"10.0.0\"]"), Map.of()));
    assertEquals(
        "annotation cni.projectcalico.org/ipAddrs: at most one address of a family",
        read(Map.of(AddressWishes.ADDRESSES, "[\"10.0.0.1\",\"10.0.0.2\"]"), Map.of()));
    assertEquals(
        "annotation cni.projectcalico.org/ipFamilies: expected IPv4 or IPv6, not ipv4",
        read(Map.of(AddressWishes.FAMILIES, "[\"ipv4\"]"), Map.of()));
  }
}
