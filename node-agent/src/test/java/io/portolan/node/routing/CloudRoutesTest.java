package io.portolan.node.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.MacAddress;
import io.portolan.node.ipam.Supply;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CloudRoutesTest {
  private static final MacAddress PRIMARY = MacAddress.parse("02:00:00:00:00:01");
  private static final MacAddress SECONDARY = MacAddress.parse("02:00:00:00:00:02");

  private static Supply.CloudInterface eni(
      int device, int card, MacAddress mac, String own, String... blocks) {
    return new Supply.CloudInterface(
        "eni-" + device,
        mac,
        device,
        card,
        List.of(),
        Optional.of(IpAddress.parse("10.0.0.1")),
        Optional.empty(),
        Optional.of(IpAddress.parse(own)),
        Stream.of(blocks).map(Cidr::parse).toList());
  }

  private static final Supply SUPPLY =
      new Supply(
          1,
          List.of(Cidr.parse("10.0.0.0/16"), Cidr.parse("10.1.0.0/16")),
          List.of(
              eni(0, 0, PRIMARY, "10.0.0.10", "10.0.0.11/32", "10.0.0.12/32"),
              eni(1, 0, SECONDARY, "10.0.0.20", "10.0.1.16/28")),
          List.of(),
          List.of());

  private static String text(RoutingState state) {
    return Stream.of(state.addresses(), state.routes(), state.rules())
        .flatMap(List::stream)
        .map(Object::toString)
        .collect(Collectors.joining("\n", "", "\n"));
  }

  @Test
  void givesEachSecondaryInterfaceATableAndEachPodItsRules() {
    assertThat(
            text(
                RoutingState.planned(
                    SUPPLY,
                    Map.of(PRIMARY, 2, SECONDARY, 3),
                    List.of(IpAddress.parse("10.0.1.17"), IpAddress.parse("10.0.0.11")))))
        .isEqualTo(
            """
            address 10.0.0.20/32 on link 3
            route 10.0.0.1/32 dev 3 table 2 proto 112 scope link
            route 0.0.0.0/0 via 10.0.0.1 dev 3 table 2 proto 112 onlink
            rule 1024: from all fwmark 0x80/0x80 lookup 254 proto 112 family inet
            rule 32765: from 10.0.0.20/32 lookup 2 proto 112 family inet
            rule 512: from all to 10.0.0.11/32 lookup 254 proto 112 family inet
            rule 512: from all to 10.0.1.17/32 lookup 254 proto 112 family inet
            rule 1536: from 10.0.1.17/32 lookup 2 proto 112 family inet
            """);
  }

  @Test
  void leavesOutAnInterfaceWhoseDeviceHasNotCome() {
    assertThat(text(RoutingState.planned(SUPPLY, Map.of(PRIMARY, 2), List.of())))
        .isEqualTo("rule 1024: from all fwmark 0x80/0x80 lookup 254 proto 112 family inet\n");
  }

  @Test
  void plansNothingAgainAfterApplying() {
    RoutingState planned =
        RoutingState.planned(
            SUPPLY, Map.of(PRIMARY, 2, SECONDARY, 3), List.of(IpAddress.parse("10.0.1.17")));
    assertThat(planned.changesFrom(planned).isEmpty()).isTrue();
    assertThat(planned.changesFrom(new RoutingState(List.of(), List.of(), List.of())).size())
        .isEqualTo(planned.addresses().size() + planned.routes().size() + planned.rules().size());
  }

  @Test
  void countsTablesAsTheAmazonPluginDoes() {
    assertThat(
            Stream.of(
                    eni(0, 0, PRIMARY, "10.0.0.10"),
                    eni(1, 0, PRIMARY, "10.0.0.10"),
                    eni(4, 0, PRIMARY, "10.0.0.10"),
                    eni(1, 1, PRIMARY, "10.0.0.10"),
                    eni(2, 3, PRIMARY, "10.0.0.10"))
                .map(EniTables::table)
                .toList())
        .containsExactly(254, 2, 5, 10101, 10302);
  }
}
