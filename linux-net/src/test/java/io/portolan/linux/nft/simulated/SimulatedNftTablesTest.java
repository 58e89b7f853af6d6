package io.portolan.linux.nft.simulated;

import static io.portolan.linux.nft.NftStatement.accept;
import static io.portolan.linux.nft.NftStatement.jump;
import static io.portolan.linux.nft.NftStatement.lookup;
import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftCommand;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.NftHook;
import io.portolan.linux.nft.NftOutcome;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftVerdict;
import io.portolan.linux.nft.PayloadField;
import io.portolan.linux.nft.Samples;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SimulatedNftTablesTest {
  private static final NftTable TABLE = NftTable.of(NftFamily.INET, "t");
  private static final NftSet SET = NftSet.of("s", NftType.IPV4_ADDR);
  private static final NftSet BLOCKS = NftSet.of("b", NftType.IPV4_ADDR).interval();
  private static final NftSet MAP = NftSet.verdictMap("m", NftType.IPV4_ADDR);

  private final SimulatedNftTables tables = new SimulatedNftTables();

  SimulatedNftTablesTest() {
    tables
        .commit(
            NftTransaction.on(TABLE)
                .addTable()
                .addSet(SET)
                .addSet(BLOCKS)
                .addSet(MAP)
                .addChain(NftChain.regular("c"))
                .addChain(
                    NftChain.base(
                        "f", NftChain.Type.FILTER, NftHook.FORWARD, 0, NftChain.Policy.ACCEPT))
                .addRule("f", lookup("s", PayloadField.IP_SADDR), jump("c"))
                .addElements(SET, NftElement.of(Samples.ip("10.0.0.1")))
                .build())
        .orThrow();
  }

  @Test
  void readsLikeNft() {
    assertThat(tables)
        .hasToString(
            """
            table inet t {
            	set b {
            		type ipv4_addr
            		flags interval
            	}

            	map m {
            		type ipv4_addr : verdict
            	}

            	set s {
            		type ipv4_addr
            		elements = { 10.0.0.1 }
            	}

            	chain c {
            	}

            	chain f {
            		type filter hook forward priority filter; policy accept;
            		ip saddr @s jump c
            	}
            }
            """);
  }

  @Test
  void acceptsEverythingTheKernelAccepts() {
    tables.commit(Samples.everything()).orThrow();
    assertThat(tables.read(Samples.TABLE)).isPresent();
  }

  @Test
  void aRefusedTransactionLeavesNothing() {
    String before = tables.toString();

    NftOutcome outcome =
        tables.commit(
            NftTransaction.on(TABLE)
                .flushChain("f")
                .deleteChain("c")
                .flushSet("s")
                .deleteSet("s")
                .addElements(BLOCKS, NftElement.of(Samples.cidr("10.0.0.0/8")))
                .addRule("f", jump("nowhere"))
                .build());

    assertThat(refused(outcome))
        .isEqualTo("5 add rule inet t f jump nowhere: ENOENT: no such chain nowhere");
    assertThat(tables).hasToString(before);
  }

  @Test
  void refusesToDeleteWhatIsInUse() {
    assertThat(refused(NftTransaction.on(TABLE).deleteSet("s")))
        .isEqualTo("0 delete set inet t s: EBUSY: a rule uses set s");
    assertThat(refused(NftTransaction.on(TABLE).deleteChain("c")))
        .isEqualTo("0 delete chain inet t c: EBUSY: something jumps to chain c");
    assertThat(refused(NftTransaction.on(TABLE).deleteChain("f")))
        .isEqualTo("0 delete chain inet t f: EBUSY: chain f has rules");
  }

  @Test
  void refusesOverlapsAndDuplicates() {
    tables
        .commit(
            NftTransaction.on(TABLE)
                .addElements(BLOCKS, NftElement.of(Samples.cidr("10.0.0.0/8")))
                .build())
        .orThrow();

    assertThat(
            refused(
                NftTransaction.on(TABLE)
                    .addElements(BLOCKS, NftElement.of(Samples.cidr("10.1.0.0/16")))))
        .endsWith("EEXIST: element 10.1.0.0/16 overlaps 10.0.0.0/8");
    assertThat(
            refused(
                NftTransaction.on(TABLE)
                    .with(
                        new NftCommand.CreateElements(
                            SET, List.of(NftElement.of(Samples.ip("10.0.0.1")))))))
        .endsWith("EEXIST: element 10.0.0.1 exists");
    assertThat(
            refused(
                NftTransaction.on(TABLE)
                    .deleteElements(SET, List.of(NftElement.of(Samples.ip("10.0.0.2"))))))
        .endsWith("ENOENT: no such element");
  }

  @Test
  void refusesLoopsThroughMaps() {
    assertThat(
            refused(
                NftTransaction.on(TABLE)
                    .addRule(
                        "c",
                        io.portolan.linux.nft.NftStatement.verdictMap("m", PayloadField.IP_SADDR))
                    .addElements(
                        MAP, NftElement.mapping(NftVerdict.jump("c"), Samples.ip("1.1.1.1")))))
        .isEqualTo(
            "1 add element inet t m { 1.1.1.1 : jump c }: EMLINK: jumps nest deeper than 16"
                + " chains");
  }

  @Test
  void aLoopHalfWayDoesNotMatter() {
    tables
        .commit(NftTransaction.on(TABLE).addRule("c", jump("c")).flushChain("c").build())
        .orThrow();
  }

  @Test
  void refusesOnRequestUntilToldOtherwise() {
    NftTransaction change = NftTransaction.on(TABLE).addRule("c", accept()).build();
    tables.refuse(
        command -> command instanceof NftCommand.AddRule rule && rule.chain().equals("c"));
    assertThat(refused(tables.commit(change))).contains("ENOMEM");

    tables.refuse(_ -> false);
    assertThat(tables.commit(change).isCommitted()).isTrue();
  }

  @Test
  void everyCommitIsAGeneration() {
    long before = tables.generation();
    NftTransaction change = NftTransaction.on(TABLE).addRule("c", accept()).build();

    assertThat(tables.commit(change, OptionalLong.of(before)).isCommitted()).isTrue();
    assertThat(tables.commit(change, OptionalLong.of(before)))
        .isEqualTo(new NftOutcome.Stale(before));
  }

  private String refused(NftTransaction.Builder builder) {
    return refused(tables.commit(builder.build()));
  }

  private static String refused(NftOutcome outcome) {
    NftOutcome.Refused refused = (NftOutcome.Refused) outcome;
    String index = refused.index().isPresent() ? "" + refused.index().getAsInt() : "-";
    return index + " " + refused.reason();
  }
}
