package io.portolan.linux.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.netlink.MalformedMessageException;
import io.portolan.linux.netlink.MessageDecoder;
import io.portolan.linux.netlink.NetlinkMessage;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Objects read back from their own messages, and from messages that are none. */
class RouteCodecTest {
  private static final int ROUNDS = 2_000;

  private final long seed = Long.getLong("portolan.seed", System.nanoTime());
  private final RandomGenerator random = new SplittableRandom(seed);

  @Test
  void everyObjectReadsBackAsWritten() {
    System.out.println("RouteCodecTest seed " + seed);
    for (int i = 0; i < ROUNDS; i++) {
      assertRoundTrip(address(), RouteDecoders.ADDRESS);
      assertRoundTrip(route(), RouteDecoders.ROUTE);
      assertRoundTrip(rule(), RouteDecoders.RULE);
      assertRoundTrip(neighbor(), RouteDecoders.NEIGHBOR);
      assertRoundTrip(
          new FdbEntry(
              index(), mac(), maybe(ip(family())), NeighborState.PERMANENT, random.nextBoolean()),
          RouteDecoders.FDB);
    }
  }

  @Test
  void newLinksReadBackAsLinks() {
    for (LinkKind kind :
        List.of(
            LinkKind.Vxlan.of(4096, 4789).withLocal(ip(AddressFamily.INET)).withDevice(3),
            new LinkKind.Vxlan(
                1, 8472, Optional.of(ip(AddressFamily.INET6)), OptionalInt.empty(), true),
            new LinkKind.IpIp(
                Optional.of(ip(AddressFamily.INET)), Optional.empty(), OptionalInt.of(2)),
            new LinkKind.Bridge())) {
      NewLink wanted =
          NewLink.of("link0", kind).withIndex(9).withMac(mac()).withMtu(1450).withGroup(7).withUp();

      Link link = decode(RouteDecoders.LINK, encode(w -> LinkCodec.writeNew(w, wanted))).getFirst();

      assertThat(link.configuration()).contains(kind);
      assertThat(link.kind()).isEqualTo(kind.word());
      assertThat(
              NewLink.of(link.name(), kind)
                  .withIndex(link.index())
                  .withMac(link.mac().orElseThrow())
                  .withMtu(link.mtu())
                  .withGroup(link.group())
                  .withUp())
          .isEqualTo(wanted);
    }
  }

  @Test
  void damagedMessagesFailOnlyAsMalformed() {
    System.out.println("RouteCodecTest seed " + seed);
    NewLink vxlan = NewLink.of("v", LinkKind.Vxlan.of(1, 4789).withLocal(ip(AddressFamily.INET)));
    for (int i = 0; i < ROUNDS; i++) {
      damage(encode(w -> RouteBatch.write(w, address())), RouteDecoders.ADDRESS);
      damage(encode(w -> RouteBatch.write(w, route())), RouteDecoders.ROUTE);
      damage(encode(w -> RouteBatch.write(w, rule())), RouteDecoders.RULE);
      damage(encode(w -> RouteBatch.write(w, neighbor())), RouteDecoders.NEIGHBOR);
      damage(encode(w -> LinkCodec.writeNew(w, vxlan)), RouteDecoders.LINK);
    }
  }

  @Test
  void valuesThatCannotBeAreRefusedWithTheFix() {
    assertThatThrownBy(() -> Route.to(IpPrefix.parse("10.0.0.5/24")))
        .hasMessage("destination 10.0.0.5/24 has host bits set; write 10.0.0.0/24");
    assertThatThrownBy(() -> IpPrefix.parse("10.0.0.0/33"))
        .hasMessageContaining("a prefix length is 0 to 32");
    assertThatThrownBy(() -> IpPrefix.parse("example.org/8"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MacAddress.parse("1:2:3")).hasMessageContaining("no MAC address");
    assertThatThrownBy(() -> new Mark(0x100, 0xff)).hasMessageContaining("outside of mask 0xff");
    assertThatThrownBy(() ->
            Rule.lookup(AddressFamily.INET, 1, 1).withFrom(InetAddress.ofLiteral("2001:db8::1")))
        .hasMessageContaining("not of family INET");
    assertThat(IpPrefix.parse("10.0.0.5/24").contains(InetAddress.ofLiteral("10.0.0.77"))).isTrue();
    assertThat(IpPrefix.parse("2001:db8::/33").contains(InetAddress.ofLiteral("2001:db8:8000::")))
        .isFalse();
    assertThat(IpPrefix.parse("2001:db8:ffff::1/33").network())
        .isEqualTo(IpPrefix.parse("2001:db8:8000::/33"));
  }

  private void damage(byte[] payload, MessageDecoder<?> decoder) {
    for (int hits = 1 + random.nextInt(4); hits > 0; hits--) {
      payload[random.nextInt(payload.length)] = (byte) random.nextInt(256);
    }
    byte[] cut = Arrays.copyOf(payload, random.nextInt(payload.length + 1));
    try {
      assertThat(decode(decoder, random.nextBoolean() ? cut : payload)).isNotNull();
    } catch (MalformedMessageException expected) {
      assertThat(expected.getMessage()).isNotBlank();
    }
  }

  private <T extends NetworkObject> void assertRoundTrip(T object, MessageDecoder<T> decoder) {
    assertThat(decode(decoder, encode(w -> RouteBatch.write(w, object))))
        .as("seed %d", seed)
        .containsExactly(object);
  }

  private static byte[] encode(Consumer<AttributeWriter> body) {
    AttributeWriter writer = new AttributeWriter();
    body.accept(writer);
    return writer.toByteArray();
  }

  private static <T> List<T> decode(MessageDecoder<T> decoder, byte[] payload) {
    List<T> found = new ArrayList<>();
    decoder.decode(NetlinkMessage.of(0, payload), found::add);
    return found;
  }

  private Address address() {
    AddressFamily family = family();
    IpPrefix prefix = new IpPrefix(ip(family), random.nextInt(family.addressBits() + 1));
    EnumSet<AddressFlag> flags = EnumSet.noneOf(AddressFlag.class);
    for (AddressFlag flag : AddressFlag.values()) {
      if (random.nextInt(4) == 0) {
        flags.add(flag);
      }
    }
    Address address =
        new Address(
            index(),
            prefix,
            maybe(ip(family)).filter(p -> !p.equals(prefix.address())),
            new Scope(random.nextInt(256)),
            Optional.empty(),
            Set.copyOf(flags));
    return family == AddressFamily.INET && random.nextBoolean()
        ? address.withBroadcast(ip(family))
        : address;
  }

  private Route route() {
    AddressFamily family = family();
    RouteType type = random.nextBoolean() ? RouteType.UNICAST : RouteType.BLACKHOLE;
    IpPrefix destination =
        new IpPrefix(ip(family), random.nextInt(family.addressBits() + 1)).network();
    return new Route(
        type,
        destination,
        maybe(ip(family())),
        type.isDeadEnd() || random.nextBoolean() ? OptionalInt.empty() : OptionalInt.of(index()),
        1 + random.nextInt(20_000),
        random.nextInt(256),
        new Scope(random.nextInt(256)),
        maybe(ip(family)),
        random.nextInt(),
        random.nextBoolean(),
        random.nextBoolean() ? OptionalInt.empty() : OptionalInt.of(1280 + random.nextInt(8000)));
  }

  private Rule rule() {
    AddressFamily family = family();
    int mask = random.nextInt() | 1;
    return new Rule(
        family,
        random.nextInt(),
        RuleAction.LOOKUP,
        1 + random.nextInt(20_000),
        maybe(new IpPrefix(ip(family), 1 + random.nextInt(family.addressBits())).network()),
        maybe(new IpPrefix(ip(family), 1 + random.nextInt(family.addressBits())).network()),
        maybe(new Mark(random.nextInt() & mask, mask)),
        maybe("eth" + random.nextInt(100)),
        maybe("cali" + random.nextInt(100)),
        random.nextInt(256),
        random.nextBoolean());
  }

  private Neighbor neighbor() {
    return random.nextBoolean()
        ? Neighbor.permanent(index(), ip(family()), mac())
        : Neighbor.proxy(index(), ip(family()));
  }

  private AddressFamily family() {
    return random.nextBoolean() ? AddressFamily.INET : AddressFamily.INET6;
  }

  private InetAddress ip(AddressFamily family) {
    byte[] bytes = new byte[family.addressBytes()];
    random.nextBytes(bytes);
    return InetBytes.address(bytes);
  }

  private MacAddress mac() {
    return new MacAddress(random.nextLong(1L << 48));
  }

  private int index() {
    return 1 + random.nextInt(Integer.MAX_VALUE - 1);
  }

  private <T> Optional<T> maybe(T value) {
    return random.nextBoolean() ? Optional.of(value) : Optional.empty();
  }
}
