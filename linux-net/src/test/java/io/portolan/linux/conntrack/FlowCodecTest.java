package io.portolan.linux.conntrack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.netlink.MalformedMessageException;
import io.portolan.linux.netlink.NetlinkMessage;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.Mark;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class FlowCodecTest {
  private static final InetAddress POD = InetAddress.ofLiteral("10.0.0.5");
  private static final InetAddress SERVICE = InetAddress.ofLiteral("10.96.0.1");
  private static final InetAddress BACKEND = InetAddress.ofLiteral("10.0.1.7");
  private static final Flow TRANSLATED =
      new Flow(
          tuple(POD, SERVICE, 40000, 80),
          tuple(BACKEND, POD, 8080, 40000),
          5,
          0x8000_0010,
          new FlowLabels(1, 1L << 63),
          0x1ff,
          4_000_000_000L,
          -7);

  @Test
  void flowsReadBackAsWritten() {
    InetAddress v6 = InetAddress.ofLiteral("2001:db8::1");
    FlowTuple ping =
        new FlowTuple(
            v6, v6, 58, 0, 0, Optional.of(new FlowTuple.Icmp(77, 128, 0)), OptionalInt.of(9));
    Flow echo = new Flow(ping, ping, 0, 0, FlowLabels.NONE, 0, 30, 1);

    assertThat(decode(encode(TRANSLATED))).containsExactly(TRANSLATED);
    assertThat(decode(encode(echo))).containsExactly(echo);
  }

  @Test
  void filterLooksAtTheDirectionItNames() {
    FlowFilter all = FlowFilter.ALL;
    assertThat(all.withSource(POD).withDestination(SERVICE).matches(TRANSLATED)).isTrue();
    assertThat(all.withDestination(BACKEND).matches(TRANSLATED)).isFalse();
    assertThat(all.withReplySource(IpPrefix.of(BACKEND)).matches(TRANSLATED)).isTrue();
    assertThat(all.withReplyDestination(IpPrefix.parse("10.0.0.0/24")).matches(TRANSLATED))
        .isTrue();
    assertThat(all.withDestinationPort(6, 80).matches(TRANSLATED)).isTrue();
    assertThat(all.withDestinationPort(17, 80).matches(TRANSLATED)).isFalse();
    assertThat(all.withZone(5).withMark(new Mark(0x10, 0xff)).matches(TRANSLATED)).isTrue();
    assertThat(all.withZone(0).matches(TRANSLATED)).isFalse();
    assertThatThrownBy(() -> all.withSource(POD).withDestination(InetAddress.ofLiteral("::1")))
        .hasMessageContaining("a flow is of one family");
    assertThatThrownBy(() ->
            new FlowFilter(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.of(80),
                OptionalInt.empty(),
                Optional.empty()))
        .hasMessageContaining("protocol is missing");
  }

  @Test
  void damagedMessagesFailOnlyAsMalformed() {
    long seed = Long.getLong("portolan.seed", System.nanoTime());
    System.out.println("FlowCodecTest seed " + seed);
    RandomGenerator random = new SplittableRandom(seed);
    byte[] whole = encode(TRANSLATED);
    for (int i = 0; i < 20_000; i++) {
      byte[] payload =
          Arrays.copyOf(
              whole, random.nextInt(8) == 0 ? random.nextInt(whole.length) : whole.length);
      for (int hits = random.nextInt(4); hits > 0 && payload.length > 0; hits--) {
        payload[random.nextInt(payload.length)] = (byte) random.nextInt(256);
      }
      try {
        assertThat(decode(payload)).hasSizeLessThanOrEqualTo(1);
      } catch (MalformedMessageException expected) {
        assertThat(expected.getMessage()).isNotBlank();
      }
    }
  }

  private static FlowTuple tuple(InetAddress source, InetAddress destination, int from, int to) {
    return new FlowTuple(source, destination, 6, from, to, Optional.empty(), OptionalInt.empty());
  }

  /** As the kernel lists a flow. */
  private static byte[] encode(Flow flow) {
    AttributeWriter writer = new AttributeWriter();
    FlowCodec.writeIdentity(writer, flow);
    writer
        .nested(FlowCodec.TUPLE_REPLY, t -> FlowCodec.writeTuple(t, flow.reply()))
        .u32BigEndian(FlowCodec.STATUS, flow.status())
        .u32BigEndian(FlowCodec.TIMEOUT, (int) flow.timeoutSeconds())
        .u32BigEndian(FlowCodec.MARK, flow.mark())
        .bytes(FlowCodec.LABELS, FlowCodec.labelBytes(flow.labels()));
    return writer.toByteArray();
  }

  private static List<Flow> decode(byte[] payload) {
    List<Flow> found = new ArrayList<>();
    FlowCodec.read(NetlinkMessage.of(0, payload), found::add);
    return found;
  }
}
