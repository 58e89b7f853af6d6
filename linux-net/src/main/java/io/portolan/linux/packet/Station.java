package io.portolan.linux.packet;

import io.portolan.linux.ffi.SystemCallException;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.route.MacAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongConsumer;

/** A place where packets begin and end. Not thread-safe. */
public sealed interface Station extends AutoCloseable {

  /** Before the packet is sent from elsewhere: makes sure that it is seen when it arrives here. */
  void expect(IpPacket packet);

  void send(IpPacket packet);

  /** Hands over the last eight bytes of every packet that has arrived since the last call. */
  void receive(LongConsumer marks);

  @Override
  void close();

  /**
   * A machine behind a link, in place of its stack: its packets may have any source.
   *
   * @param router the machine at the other end
   */
  static Station onLink(NetworkNamespace namespace, int link, MacAddress router) {
    return new OnLink(PacketSocket.openIn(namespace, link), router);
  }

  /** A machine itself: its packets pass through its own rules, going out and coming in. */
  static Station machine(NetworkNamespace namespace) {
    return new Machine(namespace);
  }

  /** See {@link #onLink}. */
  record OnLink(PacketSocket socket, MacAddress router) implements Station {
    @Override
    public void expect(IpPacket packet) {}

    @Override
    public void send(IpPacket packet) {
      socket.send(router, packet);
    }

    @Override
    public void receive(LongConsumer marks) {
      Optional<ByteBuffer> packet = socket.receive();
      while (packet.isPresent()) {
        IpPacket.mark(packet.get()).ifPresent(marks);
        packet = socket.receive();
      }
    }

    @Override
    public void close() {
      socket.close();
    }
  }

  /** See {@link #machine}. */
  final class Machine implements Station {
    private final NetworkNamespace namespace;
    private final Map<Kind, RawSocket> receivers = new HashMap<>();
    private final Map<Boolean, RawSocket> senders = new HashMap<>();

    private record Kind(boolean ipv4, int protocol) {}

    private Machine(NetworkNamespace namespace) {
      this.namespace = namespace;
    }

    /**
     * @throws SystemCallException for a protocol that the kernel has no raw sockets of: 0
     */
    @Override
    public void expect(IpPacket packet) {
      receivers.computeIfAbsent(
          new Kind(packet.isIpv4(), packet.segment().protocol()),
          kind -> RawSocket.receiver(namespace, kind.ipv4(), kind.protocol()));
    }

    @Override
    public void send(IpPacket packet) {
      senders
          .computeIfAbsent(packet.isIpv4(), ipv4 -> RawSocket.sender(namespace, ipv4))
          .send(packet);
    }

    @Override
    public void receive(LongConsumer marks) {
      for (RawSocket socket : receivers.values()) {
        OptionalLong mark = socket.receive();
        while (mark.isPresent()) {
          marks.accept(mark.getAsLong());
          mark = socket.receive();
        }
      }
    }

    @Override
    public void close() {
      receivers.values().forEach(RawSocket::close);
      senders.values().forEach(RawSocket::close);
    }
  }
}
