package io.portolan.linux.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.linux.TestNamespace;
import io.portolan.linux.netlink.NetlinkBuffers;
import io.portolan.linux.route.NetworkMonitor.Subject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NetworkMonitorNetnsIT {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private final TestNamespace node = new TestNamespace();

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void everyKindOfChangeIsReportedWithItsObject() {
    try (NetworkMonitor monitor =
        NetworkMonitor.openIn(node.namespace(), EnumSet.allOf(Subject.class))) {
      List<NetworkEvent> seen = new ArrayList<>();
      RouteSocket routes = node.routes();
      Link link = routes.create(NewLink.veth("v0", VethPeer.named("v1")).withUp());
      Address address = Address.of(link.index(), IpPrefix.parse("10.0.0.5/24"));
      Route route = Route.onLink(IpPrefix.parse("10.1.0.0/24"), link.index()).withProtocol(80);
      Rule rule = Rule.lookup(AddressFamily.INET, 100, 100);
      Neighbor neighbor =
          Neighbor.permanent(
              link.index(),
              IpPrefix.parse("10.0.0.9").address(),
              MacAddress.parse("02:00:00:00:00:01"));
      for (NetworkObject object : List.of(address, route, rule, neighbor)) {
        routes.add(object);
        routes.delete(object);
      }
      routes.delete(link.ref());

      await(
          monitor,
          seen,
          e -> e instanceof NetworkEvent.LinkRemoved(Link gone) && gone.name().equals("v0"));
      assertThat(seen)
          .contains(new NetworkEvent.Changed(route), new NetworkEvent.Removed(route))
          .contains(new NetworkEvent.Changed(rule), new NetworkEvent.Removed(rule))
          .contains(new NetworkEvent.Changed(neighbor))
          .anyMatch(e ->
              e instanceof NetworkEvent.Changed(Address a) && a.prefix().equals(address.prefix()))
          .anyMatch(e ->
              e instanceof NetworkEvent.Removed(Address a) && a.prefix().equals(address.prefix()))
          .anyMatch(e -> e instanceof NetworkEvent.LinkChanged(Link l) && l.name().equals("v0"))
          .doesNotContain(new NetworkEvent.Resync());
    }
  }

  @Test
  void lostEventsAreSignalledByResync() {
    try (NetworkMonitor monitor =
        node.namespace()
            .call(() ->
                NetworkMonitor.open(EnumSet.of(Subject.ROUTES), new NetlinkBuffers(4096, 4096)))) {
      RouteBatch batch = new RouteBatch();
      for (int i = 0; i < 200; i++) {
        batch.add(Route.blackhole(IpPrefix.parse("10.0." + i + ".0/24")));
      }
      node.routes().apply(batch);

      await(monitor, new ArrayList<>(), e -> e instanceof NetworkEvent.Resync);
    }
  }

  @Test
  void closingWakesTheReceiver() throws InterruptedException {
    NetworkMonitor monitor = NetworkMonitor.openIn(node.namespace(), EnumSet.of(Subject.LINKS));
    CountDownLatch started = new CountDownLatch(1);
    boolean[] open = {true};
    Thread receiver =
        Thread.ofPlatform()
            .start(() -> {
              started.countDown();
              open[0] = monitor.receive(Duration.ofMinutes(5), event -> {});
            });
    started.await();
    monitor.close();
    receiver.join(DEADLINE);

    assertThat(receiver.isAlive()).isFalse();
    assertThat(open[0]).isFalse();
    assertThat(monitor.receive(Duration.ZERO, event -> {})).isFalse();
  }

  private static void await(
      NetworkMonitor monitor, List<NetworkEvent> seen, Predicate<NetworkEvent> last) {
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    while (seen.stream().noneMatch(last)) {
      assertThat(System.nanoTime()).as("deadline; seen so far: %s", seen).isLessThan(deadline);
      monitor.receive(Duration.ofMillis(200), seen::add);
    }
  }
}
