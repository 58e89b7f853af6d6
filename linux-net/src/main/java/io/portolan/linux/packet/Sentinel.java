package io.portolan.linux.packet;

import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.LinkChange;
import io.portolan.linux.route.LinkRef;
import io.portolan.linux.route.MacAddress;
import io.portolan.linux.route.Neighbor;
import io.portolan.linux.route.NewLink;
import io.portolan.linux.route.Route;
import io.portolan.linux.route.RouteBatch;
import io.portolan.linux.route.RouteSocket;
import io.portolan.linux.route.VethPeer;
import io.portolan.linux.sysctl.Sysctl;
import io.portolan.linux.sysctl.SysctlKey;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Tells when all packets that were sent before have arrived, or never will.
 *
 * <p>Every hop over a virtual link puts a packet at the end of the queue of the processor that the
 * sender runs on ({@code netif_rx} in veth_xmit), and a router's work on it is done in that queue.
 * So of two packets of one processor the first keeps its lead through every hop, whatever ways they
 * take, and one that has come to the end of {@value #HOPS} hops has behind it all that were sent
 * before and take fewer. The two machines of this class send a packet back and forth as often.
 *
 * <p>Good for packets of the calling thread as long as it stays on its processor. Not thread-safe.
 */
final class Sentinel implements AutoCloseable {
  static final int HOPS = 16;

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration AGAIN = Duration.ofMillis(100);
  private static final InetAddress NOWHERE = InetAddress.ofLiteral("198.18.0.1");
  private static final InetAddress NOBODY = InetAddress.ofLiteral("198.18.0.2");
  private static final MacAddress HERE = MacAddress.parse("02:00:00:00:00:01");
  private static final MacAddress THERE = MacAddress.parse("02:00:00:00:00:02");
  private static final Segment SEGMENT = new Segment.Udp(1, 1);

  private final NetworkNamespace here = router();
  private final NetworkNamespace there = router();
  private final PacketSocket socket;
  private long marks;

  Sentinel() {
    try (RouteSocket near = RouteSocket.openIn(here);
        RouteSocket far = RouteSocket.openIn(there)) {
      int link =
          near.create(
                  NewLink.veth("there", VethPeer.named("here").withMac(THERE).in(there))
                      .withMac(HERE)
                      .withUp())
              .index();
      int back = far.link("here").orElseThrow().index();
      far.change(LinkRef.of(back), LinkChange.UP);
      near.apply(towards(link, THERE));
      far.apply(towards(back, HERE));
      socket = PacketSocket.openIn(here, link);
    }
  }

  private static RouteBatch towards(int link, MacAddress router) {
    return new RouteBatch()
        .replace(Neighbor.permanent(link, NOWHERE, router))
        .add(Route.onLink(IpPrefix.of(NOWHERE), link));
  }

  private static NetworkNamespace router() {
    NetworkNamespace namespace = NetworkNamespace.anonymous();
    namespace.run(() -> {
      Sysctl.write(SysctlKey.of("ipv4", "ip_forward"), "1");
      for (String scope : List.of("all", "default")) {
        Sysctl.write(SysctlKey.ipv4(scope, "rp_filter"), "0");
        Sysctl.write(SysctlKey.ipv4(scope, "send_redirects"), "0");
      }
    });
    return namespace;
  }

  /**
   * Returns when what this thread sent before is where it goes, or dropped.
   *
   * @throws IllegalStateException if that cannot be told within 20 seconds
   */
  void await() {
    long mark = ++marks;
    IpPacket packet = new IpPacket(NOBODY, NOWHERE, SEGMENT, HOPS, mark);
    socket.send(THERE, packet);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!arrived(mark)) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(
            "a packet between two machines that nobody filters got lost");
      }
      if (!socket.await(AGAIN)) {
        // Links that are new drop packets for some moments; a later one says the same.
        socket.send(THERE, packet);
      }
    }
  }

  private boolean arrived(long mark) {
    Optional<ByteBuffer> packet = socket.receive();
    while (packet.isPresent()) {
      OptionalLong found = IpPacket.mark(packet.get());
      if (found.isPresent() && found.getAsLong() == mark && IpPacket.hopLimit(packet.get()) == 1) {
        return true;
      }
      packet = socket.receive();
    }
    return false;
  }

  @Override
  public void close() {
    socket.close();
    here.close();
    there.close();
  }
}
