package io.portolan.policy.nft;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.linux.nft.CtField;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.NftVerdict;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The order of a transaction's commands. */
class TableDiffTest {
  private final DesiredTable table = new DesiredTable();

  @Test
  void setsThatMostRulesLookIntoAreMadeFirst() {
    Stream.of("a", "b", "c", "d").forEach(name -> table.putSet(set(name)));
    table.putElement("b", NftElement.of(NftValue.address("10.0.0.1")));
    table.putChain(NftChain.regular("one"), List.of(in("c"), in("d")));
    table.putChain(NftChain.regular("two"), List.of(in("d"), in("b")));
    assertThat(table.pending(Skeleton.TABLE))
        .hasToString(
            """
            add set inet portolan d { type ipv4_addr; }
            add set inet portolan b { type ipv4_addr; }
            add element inet portolan b { 10.0.0.1 }
            add set inet portolan c { type ipv4_addr; }
            add set inet portolan a { type ipv4_addr; }
            add chain inet portolan one
            add chain inet portolan two
            add rule inet portolan one ct original ip saddr @c accept
            add rule inet portolan one ct original ip saddr @d accept
            add rule inet portolan two ct original ip saddr @d accept
            add rule inet portolan two ct original ip saddr @b accept
            """);
  }

  @Test
  void aMapIsDeletedBehindTheRulesThatLookIntoItAndBeforeTheChainsItLeadsTo() {
    NftSet map = NftSet.verdictMap("map", NftType.IPV4_ADDR);
    table.putSet(map);
    table.putSet(set("a"));
    table.putChain(NftChain.regular("to"), List.of(in("a")));
    table.putChain(
        NftChain.regular("from"),
        List.of(NftRule.of(NftStatement.verdictMap("map", CtField.ORIGINAL_IP_SADDR))));
    table.putElement(
        "map", NftElement.mapping(NftVerdict.jump("to"), NftValue.address("10.0.0.1")));
    table.committed();
    table.removeChain("to");
    table.removeChain("from");
    table.removeSet("map");
    table.removeSet("a");
    assertThat(table.pending(Skeleton.TABLE))
        .hasToString(
            """
            flush chain inet portolan from
            flush chain inet portolan to
            delete set inet portolan map
            delete chain inet portolan from
            delete chain inet portolan to
            delete set inet portolan a
            """);
  }

  private static NftSet set(String name) {
    return NftSet.of(name, NftType.IPV4_ADDR);
  }

  private static NftRule in(String set) {
    return NftRule.of(NftStatement.lookup(set, CtField.ORIGINAL_IP_SADDR), NftStatement.accept());
  }
}
