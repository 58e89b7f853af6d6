package io.portolan.lab.fabric;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.MacAddress;
import io.portolan.lab.matrix.Answer;
import io.portolan.lab.probe.Attempt;
import io.portolan.lab.probe.Greeter;
import io.portolan.lab.probe.Prober;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.route.Address;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.LinkChange;
import io.portolan.linux.route.LinkRef;
import io.portolan.linux.route.Route;
import io.portolan.linux.route.RouteSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two machines in two subnets and a host in the world, with real packets. */
final class FabricNetnsIT {
  private static final int PORT = 8080;

  private final List<AutoCloseable> toClose = new ArrayList<>();
  private Fabric fabric;
  private Greeter greeter;
  private NetworkNamespace left;
  private NetworkNamespace right;
  private NetworkNamespace world;

  @BeforeEach
  void build() throws Exception {
    fabric = closing(Fabric.start(NetworkNamespace.anonymous()));
    greeter = closing(new Greeter());
    left = closing(NetworkNamespace.anonymous());
    right = closing(NetworkNamespace.anonymous());
    world = closing(NetworkNamespace.anonymous());
    fabric.connectWorld(world, Cidr.parse("198.51.100.0/24"), Cidr.parse("10.0.0.0/16"));
    fabric.addMachine("i-left", left);
    fabric.addMachine("i-right", right);
    fabric.follow(
        List.of(
            port("1", "i-left", "10.0.0.4", "10.0.0.4/32"),
            port("2", "i-right", "10.0.1.4", "10.0.1.4/32")));
    boot(left, "10.0.0.4", "10.0.0.1");
    boot(right, "10.0.1.4", "10.0.1.1");
    greet("right", right);
    greet("world", world);
  }

  @AfterEach
  void tearDown() throws Exception {
    for (AutoCloseable resource : toClose.reversed()) {
      resource.close();
    }
  }

  @Test
  void machinesReachEachOtherAcrossSubnetsWithTheirOwnAddresses() throws Exception {
    assertThat(connect(left, "10.0.0.4", "10.0.1.4")).isEqualTo(connected("right", "10.0.0.4"));
  }

  @Test
  void anAddressIsForwardedExactlyWhileItIsAssigned() throws Exception {
    address(right, "10.0.1.9");
    assertThat(knock(left, "10.0.0.4", "10.0.1.9")).isNotInstanceOf(Answer.Connected.class);
    fabric.follow(
        List.of(
            port("1", "i-left", "10.0.0.4", "10.0.0.4/32"),
            port("2", "i-right", "10.0.1.4", "10.0.1.4/32", "10.0.1.9/32")));
    assertThat(connect(left, "10.0.0.4", "10.0.1.9")).isEqualTo(connected("right", "10.0.0.4"));
    fabric.follow(
        List.of(
            port("1", "i-left", "10.0.0.4", "10.0.0.4/32"),
            port("2", "i-right", "10.0.1.4", "10.0.1.4/32")));
    assertThat(knock(left, "10.0.0.4", "10.0.1.9")).isNotInstanceOf(Answer.Connected.class);
  }

  @Test
  void aPrefixIsForwardedAsAWhole() throws Exception {
    address(right, "10.0.1.17");
    address(right, "10.0.1.30");
    fabric.follow(
        List.of(
            port("1", "i-left", "10.0.0.4", "10.0.0.4/32"),
            port("2", "i-right", "10.0.1.4", "10.0.1.4/32", "10.0.1.16/28")));
    assertThat(connect(left, "10.0.0.4", "10.0.1.17")).isEqualTo(connected("right", "10.0.0.4"));
    assertThat(connect(left, "10.0.0.4", "10.0.1.30")).isEqualTo(connected("right", "10.0.0.4"));
  }

  @Test
  void aSourceThatIsNotAssignedIsDroppedUnlessTheCheckIsOff() throws Exception {
    address(left, "10.0.0.77");
    assertThat(knock(left, "10.0.0.77", "10.0.1.4")).isEqualTo(new Answer.TimedOut());
    Port unchecked =
        new Port(
            "eni-0000000000000001",
            "i-left",
            0,
            mac("1"),
            ip("10.0.0.4"),
            List.of(Cidr.parse("10.0.0.4/32"), Cidr.parse("10.0.0.77/32")),
            ip("10.0.0.1"),
            false);
    fabric.follow(List.of(unchecked, port("2", "i-right", "10.0.1.4", "10.0.1.4/32")));
    assertThat(connect(left, "10.0.0.77", "10.0.1.4")).isEqualTo(connected("right", "10.0.0.77"));
  }

  @Test
  void onlyAPublishedAddressLeavesForTheWorld() throws Exception {
    assertThat(knock(left, "10.0.0.4", "198.51.100.10")).isEqualTo(new Answer.TimedOut());
    fabric.publish(ip("10.0.0.4"));
    assertThat(connect(left, "10.0.0.4", "198.51.100.10"))
        .isEqualTo(connected("world", "10.0.0.4"));
  }

  @Test
  void aDetachedInterfaceVanishesFromTheMachine() {
    fabric.follow(List.of(port("2", "i-right", "10.0.1.4", "10.0.1.4/32")));
    try (RouteSocket routes = RouteSocket.openIn(left)) {
      assertThat(routes.link("ens5")).isEmpty();
    }
  }

  private void boot(NetworkNamespace machine, String address, String gateway) {
    try (RouteSocket routes = RouteSocket.openIn(machine)) {
      int link = routes.link("ens5").orElseThrow().index();
      routes.change(LinkRef.of(link), LinkChange.UP);
      routes.add(Address.of(link, IpPrefix.parse(address + "/24")));
      routes.add(Route.to(IpPrefix.ALL_IPV4).via(ip(gateway).toInetAddress()).dev(link));
    }
  }

  private void address(NetworkNamespace machine, String address) {
    try (RouteSocket routes = RouteSocket.openIn(machine)) {
      routes.add(
          Address.of(routes.link("ens5").orElseThrow().index(), IpPrefix.parse(address + "/32")));
    }
  }

  private void greet(String name, NetworkNamespace place) throws IOException {
    greeter.serve(
        name,
        place.<ServerSocketChannel, IOException>call(
            () -> ServerSocketChannel.open().bind(new InetSocketAddress(PORT))));
  }

  /** The answer, waited for however busy the machine is. */
  private static Answer connect(NetworkNamespace from, String source, String target)
      throws IOException {
    return attempt(from, source, target, Duration.ofSeconds(30));
  }

  /** The answer where none is expected. */
  private static Answer knock(NetworkNamespace from, String source, String target)
      throws IOException {
    return attempt(from, source, target, Duration.ofMillis(1500));
  }

  private static Answer attempt(
      NetworkNamespace from, String source, String target, Duration patience) throws IOException {
    SocketChannel channel =
        from.<SocketChannel, IOException>call(
            () -> SocketChannel.open().bind(new InetSocketAddress(ip(source).toInetAddress(), 0)));
    InetSocketAddress to = new InetSocketAddress(ip(target).toInetAddress(), PORT);
    return Prober.run(List.of(new Attempt<>("it", channel, to)), patience)
        .values()
        .iterator()
        .next();
  }

  private static Answer connected(String server, String source) {
    return new Answer.Connected(server, ip(source));
  }

  private static Port port(String number, String machine, String primary, String... assigned) {
    IpAddress address = ip(primary);
    return new Port(
        "eni-000000000000000" + number,
        machine,
        0,
        mac(number),
        address,
        Stream.of(assigned).map(Cidr::parse).toList(),
        Cidr.containing(address, 24).address(1),
        true);
  }

  private static MacAddress mac(String number) {
    return MacAddress.parse("0a:00:00:00:00:0" + number);
  }

  private static IpAddress ip(String text) {
    return IpAddress.parse(text);
  }

  private <T extends AutoCloseable> T closing(T resource) {
    toClose.add(resource);
    return resource;
  }
}
