package io.portolan.linux.nft;

import static io.portolan.linux.nft.NftStatement.accept;
import static io.portolan.linux.nft.NftStatement.counter;
import static io.portolan.linux.nft.NftStatement.lookup;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class NftTextTest {
  @Test
  void writesTransactionsAsScript() {
    NftTransaction transaction =
        NftTransaction.on(Samples.TABLE)
            .destroyTable()
            .addTable()
            .addSet(Samples.PORTS)
            .addChain(NftChain.regular("class-1").comment("default/web"))
            .addRule(
                "class-1",
                NftRule.of(
                        lookup(
                            "ports",
                            PayloadField.IP_SADDR,
                            MetaField.L4PROTO,
                            PayloadField.TH_DPORT),
                        counter(),
                        accept())
                    .comment("rule 1"))
            .addElements(
                Samples.PORTS,
                NftElement.of(
                        Samples.cidr("10.0.0.0/8"), NftValue.protocol(6), Samples.ports(80, 95))
                    .comment("web"))
            .deleteElements(
                Samples.PODS,
                List.of(NftElement.mapping(NftVerdict.jump("class-1"), Samples.ip("10.0.0.9"))))
            .build();

    assertThat(transaction)
        .hasToString(
            """
            add table inet portolan
            delete table inet portolan
            add table inet portolan { comment "pod policy" ; }
            add set inet portolan ports { type ipv4_addr . inet_proto . inet_service; flags interval; }
            add chain inet portolan class-1 { comment "default/web"; }
            add rule inet portolan class-1 ip saddr . meta l4proto . th dport @ports counter packets 0 bytes 0 accept comment "rule 1"
            add element inet portolan ports { 10.0.0.0/8 . tcp . 80-95 comment "web" }
            delete element inet portolan pods { 10.0.0.9 }
            """);
  }

  @Test
  void writesIpv6LikeTheSystemLibrary() {
    assertThat(
            List.of(
                    "fd00::1",
                    "::",
                    "::1",
                    "1:0:0:2::",
                    "::ffff:1.2.3.4",
                    "::1.2.3.4",
                    "1::2:0:3:4:5")
                .stream()
                .map(text -> NftValue.address(text).toString()))
        .containsExactly(
            "fd00::1", "::", "::1", "1:0:0:2::", "::ffff:1.2.3.4", "::1.2.3.4", "1::2:0:3:4:5");
  }

  @Test
  void prefixesCoverTheirBlock() {
    NftKeyPart block = NftInterval.prefix(NftValue.address("fd00:1:2:3::9"), 45);
    assertThat(block.from() + " " + block.to())
        .isEqualTo("fd00:1:: fd00:1:7:ffff:ffff:ffff:ffff:ffff");
    assertThat(NftInterval.prefix(NftValue.address("10.0.0.1"), 32)).isInstanceOf(NftValue.class);
    assertThat(NftInterval.prefix(NftValue.address("1.2.3.4"), 0)).hasToString("0.0.0.0/0");
  }

  @Test
  void refusesElementsThatDoNotFitTheirSet() {
    assertThatThrownBy(() ->
            NftTransaction.on(Samples.TABLE)
                .addElements(Samples.PEERS, NftElement.of(Samples.cidr("10.0.0.0/8"))))
        .hasMessage(
            "set peers of type ipv4_addr cannot hold 10.0.0.0/8: a range needs a set with the"
                + " interval flag");
    assertThatThrownBy(() -> Samples.PEERS.check(NftElement.of(NftValue.port(80))))
        .hasMessageContaining("its key is inet_service");
  }

  @Test
  void refusesNamesThatNftCannotRead() {
    assertThatThrownBy(() -> NftChain.regular("a b")).hasMessageStartingWith("chain name 'a b'");
    assertThatThrownBy(() -> NftRule.of(accept()).comment("say \"hi\""))
        .hasMessageContaining("without double quotes");
  }
}
