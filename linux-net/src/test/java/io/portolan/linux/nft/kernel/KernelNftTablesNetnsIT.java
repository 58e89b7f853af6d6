package io.portolan.linux.nft.kernel;

import static io.portolan.linux.nft.NftStatement.accept;
import static io.portolan.linux.nft.NftStatement.counter;
import static io.portolan.linux.nft.NftStatement.drop;
import static io.portolan.linux.nft.NftStatement.equal;
import static io.portolan.linux.nft.NftStatement.jump;
import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftCommand;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.NftHook;
import io.portolan.linux.nft.NftInterval;
import io.portolan.linux.nft.NftListing;
import io.portolan.linux.nft.NftOutcome;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.NftVerdict;
import io.portolan.linux.nft.PayloadField;
import io.portolan.linux.nft.Samples;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The kernel and the distribution's nft, in a namespace of their own. */
class KernelNftTablesNetnsIT {
  private static final NftTable TABLE = NftTable.of(NftFamily.INET, "t");
  private static final NftSet SET = NftSet.of("s", NftType.IPV4_ADDR);

  private final NetworkNamespace namespace = NetworkNamespace.anonymous();
  private final Nft nft = new Nft(namespace);
  private final KernelNftTables tables = KernelNftTables.open(namespace);

  @AfterEach
  void close() {
    tables.close();
    namespace.close();
  }

  @Test
  void nftListsWhatWasProgrammedAsItsOwnScriptWouldBeListed() {
    tables.commit(Samples.everything()).orThrow();
    String ours = nft.run("", "list", "ruleset");
    nft.run("", "flush", "ruleset");
    nft.run(Samples.everything().toString(), "-f", "-");
    String theirs = nft.run("", "list", "ruleset");

    assertThat(Nft.normal(ours)).isEqualTo(Nft.normal(theirs));
  }

  @Test
  void nftListsWhatWasProgrammedInJson() {
    tables.commit(Samples.everything()).orThrow();

    assertThat(nft.run("", "-j", "list", "ruleset"))
        .startsWith("{\"nftables\": [")
        .contains("\"comment\": \"rule 2\"", "\"comment\": \"default/web-1\"")
        .contains("{\"prefix\": {\"addr\": \"10.128.0.0\", \"len\": 9}}");
  }

  @Test
  void nftAcceptsTheScript() {
    assertThat(nft.run(Samples.everything().toString(), "-c", "-f", "-")).isEmpty();
  }

  @Test
  void readsBackWhatNftLists() {
    tables.commit(Samples.everything()).orThrow();

    NftListing read = tables.read(Samples.TABLE).orElseThrow();

    assertThat(Nft.normal(read.toString())).isEqualTo(Nft.normal(nft.run("", "list", "ruleset")));
    assertThat(read.foreign()).isEmpty();
  }

  @Test
  void readsBackWhatNftWrote() {
    nft.run(Samples.everything().toString(), "-f", "-");

    NftListing read = tables.read(Samples.TABLE).orElseThrow();

    assertThat(Nft.normal(read.toString())).isEqualTo(Nft.normal(nft.run("", "list", "ruleset")));
  }

  @Test
  void aBridgeTableIsListedByNftAndReadBackAsItWasProgrammed() {
    NftTable table = NftTable.of(NftFamily.BRIDGE, "t");
    NftTransaction bridge =
        NftTransaction.on(table)
            .addTable()
            .addSet(Samples.PODS)
            .addSet(Samples.PODS6)
            .addChain(NftChain.regular("class-1"))
            .addChain(
                NftChain.base(
                    "early",
                    NftChain.Type.FILTER,
                    NftHook.PREROUTING,
                    -310,
                    NftChain.Policy.ACCEPT))
            .addRule("class-1", Samples.toHost(0x0a580af40101L))
            .addRule("early", NftStatement.verdictMap("pods", PayloadField.IP_DADDR))
            .addRule("early", NftStatement.verdictMap("pods6", PayloadField.IP6_SADDR))
            .addElements(
                Samples.PODS,
                NftElement.mapping(NftVerdict.jump("class-1"), Samples.ip("10.244.1.2")))
            .build();
    tables.commit(bridge).orThrow();
    NftListing read = tables.read(table).orElseThrow();
    String ours = nft.run("", "list", "ruleset");
    nft.run("", "flush", "ruleset");
    nft.run(bridge.toString(), "-f", "-");

    assertThat(Nft.normal(ours)).isEqualTo(Nft.normal(nft.run("", "list", "ruleset")));
    assertThat(Nft.normal(read.toString())).isEqualTo(Nft.normal(ours));
    assertThat(read.foreign()).isEmpty();
    assertThat(ours).contains("ether daddr set 0a:58:0a:f4:01:01 meta pkttype set host counter");
  }

  @Test
  void anAbsentTableIsNoTable() {
    assertThat(tables.read(TABLE)).isEmpty();
  }

  @Test
  void aRefusedCommandIsNamedAndLeavesNothing() {
    NftTransaction broken =
        NftTransaction.on(TABLE)
            .addTable()
            .addChain(NftChain.regular("here"))
            .addRule("here", jump("nowhere"))
            .addRule("here", accept())
            .build();

    NftOutcome outcome = tables.commit(broken);

    assertThat(outcome).isInstanceOf(NftOutcome.Refused.class);
    NftOutcome.Refused refused = (NftOutcome.Refused) outcome;
    assertThat(refused.index()).hasValue(2);
    assertThat(refused.isNotFound()).isTrue();
    assertThat(refused.reason()).startsWith("add rule inet t here jump nowhere: ENOENT");
    assertThat(tables.read(TABLE)).isEmpty();
  }

  @Test
  void loopsOfChainsAreRefused() {
    NftTransaction loop =
        NftTransaction.on(TABLE)
            .addTable()
            .addChain(NftChain.regular("a"))
            .addChain(NftChain.regular("b"))
            .addChain(
                NftChain.base(
                    "f", NftChain.Type.FILTER, NftHook.FORWARD, 0, NftChain.Policy.ACCEPT))
            .addRule("f", jump("a"))
            .addRule("a", jump("b"))
            .addRule("b", jump("a"))
            .build();

    assertThat(tables.commit(loop).isCommitted()).isFalse();
    assertThat(tables.read(TABLE)).isEmpty();
  }

  @Test
  void aChangeComputedFromAnOldGenerationIsStale() {
    tables.commit(NftTransaction.on(TABLE).addTable().build()).orThrow();
    long generation = tables.generation();
    NftTransaction change = NftTransaction.on(TABLE).addSet(SET).build();
    nft.run("", "add", "table", "inet", "other");

    assertThat(tables.commit(change, OptionalLong.of(generation)))
        .isEqualTo(new NftOutcome.Stale(generation));
    assertThat(tables.commit(change, OptionalLong.of(tables.generation())))
        .isEqualTo(new NftOutcome.Committed());
  }

  @Test
  void elementsAreExclusiveOnlyWhenCreated() {
    List<NftElement> one = List.of(NftElement.of(Samples.ip("10.0.0.1")));
    tables
        .commit(NftTransaction.on(TABLE).addTable().addSet(SET).addElements(SET, one).build())
        .orThrow();

    tables.commit(NftTransaction.on(TABLE).addElements(SET, one).build()).orThrow();
    NftOutcome again =
        tables.commit(
            NftTransaction.on(TABLE).with(new NftCommand.CreateElements(SET, one)).build());
    assertThat(((NftOutcome.Refused) again).isExists()).isTrue();
    tables.commit(NftTransaction.on(TABLE).deleteElements(SET, one).build()).orThrow();
    NftOutcome gone = tables.commit(NftTransaction.on(TABLE).deleteElements(SET, one).build());
    assertThat(((NftOutcome.Refused) gone).isNotFound()).isTrue();
  }

  @Test
  void tensOfThousandsOfElementsGoInOneTransaction() {
    NftSet ports =
        NftSet.of("p", NftType.IPV4_ADDR, NftType.INET_PROTO, NftType.INET_SERVICE).interval();
    NftSet blocks = NftSet.of("b", NftType.IPV6_ADDR).interval();
    List<NftElement> addresses =
        IntStream.range(0, 30_000)
            .mapToObj(i -> NftElement.of(NftValue.ipv4(0x0a000000 + i)))
            .toList();
    List<NftElement> services =
        IntStream.range(0, 2_000)
            .mapToObj(i ->
                NftElement.of(
                    NftInterval.prefix(NftValue.ipv4(0x0b000000 + (i << 8)), 24),
                    NftValue.protocol(6),
                    Samples.ports(i, i + 10)))
            .toList();
    List<NftElement> prefixes =
        IntStream.range(0, 10_000)
            .mapToObj(i ->
                NftElement.of(NftInterval.prefix(NftValue.ipv6(0xfd00000000000000L + i, 0), 64)))
            .toList();
    tables
        .commit(
            NftTransaction.on(TABLE)
                .addTable()
                .addSet(SET)
                .addSet(ports)
                .addSet(blocks)
                .addElements(SET, addresses)
                .addElements(ports, services)
                .addElements(blocks, prefixes)
                .build())
        .orThrow();

    assertThat(keys(SET)).isEqualTo(addresses);
    assertThat(keys(ports)).isEqualTo(services);
    assertThat(keys(blocks)).isEqualTo(prefixes);

    tables
        .commit(
            NftTransaction.on(TABLE)
                .deleteElements(SET, addresses.subList(1, 30_000))
                .deleteElements(ports, services.subList(1, 2_000))
                .deleteElements(blocks, prefixes.subList(1, 10_000))
                .build())
        .orThrow();
    assertThat(tables.read(TABLE).orElseThrow().toString())
        .contains("elements = { 10.0.0.0 }")
        .contains("elements = { 11.0.0.0/24 . tcp . 0-10 }")
        .contains("elements = { fd00::/64 }");
  }

  @Test
  void rulesAreReplacedInsertedAndDeletedByHandle() {
    NftRule first = NftRule.of(equal(MetaField.MARK, NftValue.mark(1)), accept());
    tables
        .commit(
            NftTransaction.on(TABLE)
                .addTable()
                .addChain(NftChain.regular("c"))
                .addRule("c", first)
                .addRule("c", drop())
                .build())
        .orThrow();
    List<NftListing.ListedRule> rules = rules();
    tables
        .commit(
            NftTransaction.on(TABLE)
                .with(
                    new NftCommand.ReplaceRule(
                        "c", rules.get(0).handle(), NftRule.of(counter(), accept())))
                .with(
                    new NftCommand.InsertRuleBefore(
                        "c", rules.get(1).handle(), first.comment("before")))
                .with(
                    new NftCommand.AddRuleAfter("c", rules.get(1).handle(), first.comment("after")))
                .with(new NftCommand.InsertRule("c", first.comment("head")))
                .with(new NftCommand.DeleteRule("c", rules.get(1).handle()))
                .build())
        .orThrow();

    assertThat(rules().stream().map(rule -> rule.rule().toString()))
        .containsExactly(
            "meta mark 0x00000001 accept comment \"head\"",
            "counter packets 0 bytes 0 accept",
            "meta mark 0x00000001 accept comment \"before\"",
            "meta mark 0x00000001 accept comment \"after\"");
  }

  @Test
  void destroyingNeedsNothingToExist() {
    tables.commit(NftTransaction.on(TABLE).destroyTable().build()).orThrow();
    tables
        .commit(
            NftTransaction.on(TABLE)
                .addTable()
                .with(new NftCommand.DestroyChain("c"))
                .addChain(NftChain.regular("c"))
                .addRule("c", accept())
                .with(new NftCommand.DestroyChain("c"))
                .build())
        .orThrow();

    assertThat(tables.read(TABLE)).hasToString("Optional[table inet t {\n}\n]");
  }

  private List<NftElement> keys(NftSet set) {
    return tables.elements(TABLE, set).stream().map(NftListing.ListedElement::element).toList();
  }

  private List<NftListing.ListedRule> rules() {
    return tables.read(TABLE).orElseThrow().chain("c").orElseThrow().rules();
  }
}
