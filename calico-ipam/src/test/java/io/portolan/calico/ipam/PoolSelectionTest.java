package io.portolan.calico.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.portolan.calico.model.IpPool;
import io.portolan.common.net.IpFamily;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PoolSelectionTest {
  private static final EnumSet<IpPool.Use> BOTH =
      EnumSet.of(IpPool.Use.WORKLOAD, IpPool.Use.TUNNEL);
  private static final List<IpPool> ALL =
      List.of(
          Pools.pool("z-default", "10.9.0.0/16", 26),
          Pools.pool("zone-a", "10.1.0.0/16", 26, "zone == 'a'", "", BOTH),
          Pools.pool(
              "shop",
              "10.2.0.0/16",
              26,
              "all()",
              "team == 'shop'",
              EnumSet.of(IpPool.Use.WORKLOAD)),
          Pools.pool("broken", "10.5.0.0/16", 26, "zone = a", "", BOTH),
          Pools.disabled(Pools.pool("off", "10.3.0.0/16", 26)),
          Pools.pool("lb", "10.4.0.0/24", 26, "all()", "", EnumSet.of(IpPool.Use.LOAD_BALANCER)),
          Pools.pool("six", "fd00::/64", 122));

  private static String select(
      IpFamily family,
      IpPool.Use use,
      List<String> requested,
      Map<String, String> node,
      Map<String, String> namespace) {
    return switch (PoolSelection.select(
        new PoolSelection.Request(family, use, requested, node, Optional.of(namespace)), ALL)) {
      case PoolSelection.Outcome.Pools(List<IpPool> pools) ->
          pools.stream().map(IpPool::name).toList().toString();
      case PoolSelection.Outcome.Refused(String reason) -> reason;
    };
  }

  @Test
  void unaskedTheEnabledOnesThatSelectNodeAndNamespaceByName() {
    assertEquals(
        "[shop, z-default, zone-a]",
        select(
            IpFamily.IPV4,
            IpPool.Use.WORKLOAD,
            List.of(),
            Map.of("zone", "a"),
            Map.of("team", "shop")));
    assertEquals(
        "[z-default]",
        select(IpFamily.IPV4, IpPool.Use.WORKLOAD, List.of(), Map.of("zone", "b"), Map.of()));
    assertEquals("[six]", select(IpFamily.IPV6, IpPool.Use.TUNNEL, List.of(), Map.of(), Map.of()));
    assertEquals(
        "[lb]", select(IpFamily.IPV4, IpPool.Use.LOAD_BALANCER, List.of(), Map.of(), Map.of()));
  }

  @Test
  void thoseAskedForCountWhateverTheirSelectorsSayInTheOrderOfTheRequest() {
    assertEquals(
        "[zone-a, shop]",
        select(
            IpFamily.IPV4,
            IpPool.Use.WORKLOAD,
            List.of("10.1.0.0/16", "shop"),
            Map.of(),
            Map.of()));
    assertEquals(
        "[zone-a]",
        select(IpFamily.IPV4, IpPool.Use.TUNNEL, List.of("zone-a", "shop"), Map.of(), Map.of()));
  }

  @Test
  void aRefusalNamesThePoolAndTheWayOut() {
    assertEquals(
        "the pool 'off' that was asked for is disabled",
        select(IpFamily.IPV4, IpPool.Use.WORKLOAD, List.of("off"), Map.of(), Map.of()));
    assertEquals(
        "the pool 'six' that was asked for does not exist as a pool of IPv4",
        select(IpFamily.IPV4, IpPool.Use.WORKLOAD, List.of("six"), Map.of(), Map.of()));
    assertEquals(
        "no pool of [six (fd00::/64)] allows the use LoadBalancer; create an IPPool or change one,"
            + " see 'portolan ipam show'",
        select(IpFamily.IPV6, IpPool.Use.LOAD_BALANCER, List.of(), Map.of(), Map.of()));
  }
}
