package io.portolan.linux.packet;

import static io.portolan.linux.ffi.SystemCallException.check;

import io.portolan.linux.ffi.Errno;
import io.portolan.linux.ffi.SocketBuffers;
import io.portolan.linux.ffi.SystemCallException;
import io.portolan.linux.ffi.SystemCalls;
import io.portolan.linux.netns.NetworkNamespace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalLong;

/**
 * Packets of one protocol of a machine itself (raw(7)): what is sent passes through its output,
 * what is received has passed its input. Not thread-safe.
 */
final class RawSocket implements AutoCloseable {
  private static final int IPPROTO_RAW = 255;
  private static final int SOCKADDR_IN_BYTES = 16;
  private static final int SOCKADDR_IN6_BYTES = 28;

  private final SystemCalls calls;
  private final boolean ipv4;
  private final String name;
  private final int fd;
  private final ByteBuffer out = ByteBuffer.allocateDirect(IpPacket.MAX_BYTES);
  private final ByteBuffer in = ByteBuffer.allocateDirect(2048);
  private final ByteBuffer address =
      ByteBuffer.allocateDirect(SOCKADDR_IN6_BYTES).order(ByteOrder.nativeOrder());

  private RawSocket(SystemCalls calls, boolean ipv4, String name, int fd) {
    this.calls = calls;
    this.ipv4 = ipv4;
    this.name = name;
    this.fd = fd;
  }

  /** Sends whole packets; receives nothing. */
  static RawSocket sender(NetworkNamespace namespace, boolean ipv4) {
    return receiver(namespace, ipv4, IPPROTO_RAW);
  }

  /**
   * @throws SystemCallException EPERM without CAP_NET_RAW over the namespace; EINVAL for protocol 0
   */
  static RawSocket receiver(NetworkNamespace namespace, boolean ipv4, int protocol) {
    String name = "raw socket of protocol " + protocol + " in " + namespace;
    SystemCalls calls = SystemCalls.linux();
    int fd =
        namespace.call(() ->
            check(
                calls.socket(
                    ipv4 ? SystemCalls.AF_INET : SystemCalls.AF_INET6,
                    SystemCalls.SOCK_RAW | SystemCalls.SOCK_CLOEXEC,
                    protocol),
                name));
    SocketBuffers.receive(calls, fd, PacketSocket.RECEIVE_BYTES, name);
    return new RawSocket(calls, ipv4, name, fd);
  }

  void send(IpPacket packet) {
    packet.write(out.clear());
    // struct sockaddr_in or sockaddr_in6 without a port; the address is where both have room.
    address.clear().putShort(0, (short) (ipv4 ? SystemCalls.AF_INET : SystemCalls.AF_INET6));
    address.put(ipv4 ? 4 : 8, packet.destination().getAddress());
    address.limit(ipv4 ? SOCKADDR_IN_BYTES : SOCKADDR_IN6_BYTES);
    int sent = calls.sendto(fd, out.flip(), 0, address);
    // What a rule drops on its way out is refused.
    if (sent != -Errno.EPERM) {
      check(sent, name + ": send " + packet);
    }
  }

  /** The mark of the next packet that arrived, empty if none is waiting. */
  OptionalLong receive() {
    while (true) {
      int length = calls.recv(fd, in.clear(), SystemCalls.MSG_DONTWAIT);
      if (length == -Errno.EAGAIN) {
        return OptionalLong.empty();
      }
      if (length == -Errno.EINTR) {
        continue;
      }
      check(length, name + ": receive");
      if (length >= Long.BYTES) {
        return OptionalLong.of(in.getLong(length - Long.BYTES));
      }
    }
  }

  @Override
  public void close() {
    var _ = calls.close(fd);
  }
}
