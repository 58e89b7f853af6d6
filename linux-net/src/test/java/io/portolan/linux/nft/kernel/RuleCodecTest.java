package io.portolan.linux.nft.kernel;

import static io.portolan.linux.nft.NftStatement.accept;
import static io.portolan.linux.nft.NftStatement.equal;
import static io.portolan.linux.nft.NftStatement.lookup;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portolan.linux.netlink.AttributeReader;
import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftCommand;
import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.PayloadField;
import io.portolan.linux.nft.Samples;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RuleCodecTest {
  @Test
  void everyRuleComesBackFromTheWireAsItWas() {
    assertThat(sampleRules().map(rule -> NftRule.of(overTheWire(NftFamily.INET, rule))))
        .map(NftRule::toString)
        .containsExactlyElementsOf(
            sampleRules()
                .map(rule -> new NftRule(rule.statements(), java.util.Optional.empty()))
                .map(NftRule::toString)
                .toList());
  }

  @Test
  void statementsAreEqualToThoseWritten() {
    assertThat(sampleRules().map(rule -> List.of(overTheWire(NftFamily.INET, rule))))
        .containsExactlyElementsOf(sampleRules().map(NftRule::statements).toList());
  }

  @Test
  void framesAreReaddressedWithoutChecksInABridgeTable() {
    NftRule rule = NftRule.of(Samples.toHost(0x0a580a000001L));

    assertThat(RuleLowering.lower(NftFamily.BRIDGE, rule).stream().map(Object::toString))
        .containsExactly(
            "Immediate[register=1, value=0x0a580a000001]",
            "PayloadSet[base=0, offset=0, length=6, register=1]",
            "Immediate[register=1, value=0x00]",
            "MetaSet[key=19, register=1]",
            "Counter[packets=0, bytes=0]",
            "ImmediateVerdict[verdict=accept]");
    assertThat(overTheWire(NftFamily.BRIDGE, rule))
        .containsExactly(Samples.toHost(0x0a580a000001L));
  }

  @Test
  void fieldsBringTheirOwnProtocolChecks() {
    NftRule rule =
        NftRule.of(
            lookup("s", PayloadField.IP_SADDR, PayloadField.TCP_DPORT),
            equal(PayloadField.IP_DADDR, Samples.ip("10.0.0.1")),
            accept());

    assertThat(RuleLowering.lower(NftFamily.INET, rule).stream().map(Object::toString))
        .containsExactly(
            "Meta[register=1, key=15]",
            "Compare[register=1, operator=0, data=0x02]",
            "Meta[register=1, key=16]",
            "Compare[register=1, operator=0, data=0x06]",
            "Payload[register=1, base=1, offset=12, length=4]",
            "Payload[register=9, base=2, offset=2, length=2]",
            "Lookup[set=s, source=1, destination=-1, inverted=false]",
            "Payload[register=1, base=1, offset=16, length=4]",
            "Compare[register=1, operator=0, data=0x0a000001]",
            "ImmediateVerdict[verdict=accept]");
    assertThat(RuleLowering.lower(NftFamily.IP, rule)).hasSize(8);
    assertThat(RuleLowering.lower(NftFamily.BRIDGE, rule).getFirst())
        .hasToString("Meta[register=1, key=1]");
  }

  @Test
  void explicitChecksAreNotRepeatedAndReadBackAsNftWouldListThem() {
    NftRule rule =
        NftRule.of(
            equal(MetaField.L4PROTO, NftValue.protocol(6)),
            equal(PayloadField.TCP_DPORT, NftValue.port(80)));

    assertThat(RuleLowering.lower(NftFamily.INET, rule)).hasSize(4);
    assertThat(NftRule.of(overTheWire(NftFamily.INET, rule))).hasToString("tcp dport 80");
  }

  @Test
  void refusesToReadTwoProtocolsFromOnePacket() {
    NftRule rule =
        NftRule.of(
            equal(PayloadField.IP_SADDR, Samples.ip("10.0.0.1")),
            equal(PayloadField.IP6_DADDR, Samples.ip("fd00::1")));

    assertThatThrownBy(() -> RuleLowering.lower(NftFamily.INET, rule))
        .hasMessage("IP6 fields cannot be read from IPV4 packets in one rule");
  }

  @Test
  void rulesOfOthersAreShownAndNotProgrammed() {
    List<NftExpression> theirs =
        List.of(
            new NftExpression.Payload(1, 2, 4, 4),
            new NftExpression.Compare(1, 0, Octets.of(new byte[4])));

    List<NftStatement> raised = RuleRaising.raise(NftFamily.INET, theirs);

    assertThat(raised.getFirst()).isInstanceOf(NftStatement.Foreign.class);
    assertThatThrownBy(() -> RuleLowering.lower(NftFamily.INET, NftRule.of(raised.getFirst())))
        .hasMessageContaining("cannot be programmed");
  }

  @Test
  void readsPrefixesTheWayNftWritesThem() {
    List<NftExpression> nfts =
        List.of(
            new NftExpression.Meta(1, 15),
            new NftExpression.Compare(1, 0, Octets.of(new byte[] {2})),
            new NftExpression.Payload(1, 1, 12, 3),
            new NftExpression.Compare(1, 0, Octets.of(new byte[] {10, 1, 2})));

    assertThat(RuleRaising.raise(NftFamily.INET, nfts))
        .containsExactly(
            new NftStatement.InPrefix(
                PayloadField.IP_SADDR, new NftValue(NftType.IPV4_ADDR, 0, 0x0a010200), 24, false));
  }

  @Test
  void queueingIsReadAlikeInBothForms() {
    NftExpression.Queue own = new NftExpression.Queue(5300, true, false);
    NftExpression.Queue dropping = new NftExpression.Queue(7, false, false);

    assertThat(Stream.of(QueueForm.values()).map(form -> raised(form.of(own))))
        .containsExactly(
            List.of(new NftStatement.Queue(5300, true)),
            List.of(new NftStatement.Queue(5300, true)));
    assertThat(Stream.of(QueueForm.values()).map(form -> raised(form.of(dropping))))
        .containsExactly(
            List.of(new NftStatement.Queue(7, false)), List.of(new NftStatement.Queue(7, false)));
    assertThat(NftRule.of(new NftStatement.Queue(5300, true)))
        .hasToString("queue flags bypass to 5300");
    assertThat(NftRule.of(new NftStatement.Queue(7, false))).hasToString("queue to 7");
  }

  @Test
  void survivesAnyBytes() {
    java.util.Random random = new java.util.Random(7);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(80)];
      random.nextBytes(bytes);
      try {
        AttributeReader in = new AttributeReader(ByteBuffer.wrap(bytes));
        RuleRaising.raise(NftFamily.INET, ExpressionReader.list(in));
      } catch (io.portolan.linux.netlink.MalformedMessageException expected) {
        assertThat(expected).hasMessageContaining("attribute");
      }
    }
  }

  private static Stream<NftRule> sampleRules() {
    return Samples.everything().commands().stream()
        .filter(NftCommand.AddRule.class::isInstance)
        .map(command -> ((NftCommand.AddRule) command).rule());
  }

  private static List<NftStatement> raised(NftExpression expression) {
    AttributeWriter out = new AttributeWriter();
    ExpressionWriter.list(out, Nfnl.RULE_EXPRESSIONS, List.of(expression));
    AttributeReader in = new AttributeReader(ByteBuffer.wrap(out.toByteArray()));
    assertThat(in.next()).isTrue();
    List<NftExpression> read = ExpressionReader.list(in.nested());
    assertThat(read).containsExactly(expression);
    return RuleRaising.raise(NftFamily.INET, read);
  }

  private static NftStatement[] overTheWire(NftFamily family, NftRule rule) {
    AttributeWriter out = new AttributeWriter();
    ExpressionWriter.list(out, Nfnl.RULE_EXPRESSIONS, RuleLowering.lower(family, rule));
    AttributeReader in = new AttributeReader(ByteBuffer.wrap(out.toByteArray()));
    assertThat(in.next()).isTrue();
    return RuleRaising.raise(family, ExpressionReader.list(in.nested()))
        .toArray(NftStatement[]::new);
  }
}
