package io.portolan.node.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.common.net.Cidr;
import io.portolan.node.ipam.Supply;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SourceNatTest {
  private static NodeNetworkStatus.Interface eni(int index, List<String> addresses) {
    return new NodeNetworkStatus.Interface(
        "eni-" + index,
        "02:00:00:00:00:0" + index,
        index,
        0,
        "subnet-1",
        List.of("10.0.0.0/24"),
        "10.0.0.1",
        null,
        "10.0.0." + (10 + index),
        addresses,
        null);
  }

  private static Supply supply(List<NodeNetworkStatus.Interface> interfaces) {
    return Supply.of(
        new NodeNetworkStatus.Supply(
            1, List.of("10.0.0.0/16"), interfaces, List.of(), List.of(), null));
  }

  @Test
  void whatIsTranslatedToThePrimarysAddressIsSteeredToThePrimary() {
    Supply supply =
        supply(List.of(eni(0, List.of("10.0.0.20")), eni(1, List.of("10.0.0.30", "10.0.0.31"))));
    assertThat(
            SourceNat.table(
                    supply, Optional.of("eth0"), "eni", true, List.of(Cidr.parse("192.168.0.0/16")))
                .orElseThrow())
        .hasToString(
            """
            add table ip portolan-nat
            delete table ip portolan-nat
            add table ip portolan-nat { comment "owned by portolan-agent" ; }
            add set ip portolan-nat pods { type ipv4_addr; flags interval; }
            add element ip portolan-nat pods { 10.0.0.20, 10.0.0.30/31 }
            add set ip portolan-nat native { type ipv4_addr; flags interval; }
            add element ip portolan-nat native { 10.0.0.0/16, 192.168.0.0/16 }
            add chain ip portolan-nat postrouting { type nat hook postrouting priority srcnat; policy accept; }
            add rule ip portolan-nat postrouting ip saddr @pods ip daddr != @native fib daddr type != local snat ip to 10.0.0.10 fully-random
            add chain ip portolan-nat prerouting { type filter hook prerouting priority mangle; policy accept; }
            add rule ip portolan-nat prerouting iifname "eth0" fib daddr type local ct mark set ct mark & 0xffffffff | 0x00000080
            add chain ip portolan-nat steering { type filter hook prerouting priority dstnat + 10; policy accept; }
            add rule ip portolan-nat steering iifname "eni*" ct state new ip saddr @pods ip daddr != @native fib daddr type != local ct mark set ct mark & 0xffffffff | 0x00000080
            add rule ip portolan-nat steering iifname "eni*" ct mark & 0x00000080 == 0x00000080 meta mark set meta mark & 0xffffffff | 0x00000080
            """);
  }

  @Test
  void withoutTranslationNoPodIsInTheSetAndAnswersAreSteeredAllTheSame() {
    Supply supply = supply(List.of(eni(0, List.of("10.0.0.20"))));
    assertThat(
            SourceNat.table(supply, Optional.of("eth0"), "eni", false, List.of())
                .orElseThrow()
                .toString())
        .doesNotContain("element ip portolan-nat pods")
        .contains("steering iifname \"eni*\" ct mark & 0x00000080 == 0x00000080 meta mark set");
  }

  @Test
  void aNodeWithoutAnAddressOfItsOwnTranslatesNothing() {
    assertThat(
            SourceNat.table(
                supply(List.of(eni(1, List.of("10.0.0.30")))),
                Optional.empty(),
                "eni",
                true,
                List.of()))
        .isEmpty();
  }
}
