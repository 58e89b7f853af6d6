package io.portolan.linux.packet;

import static io.portolan.linux.ffi.SystemCallException.check;

import io.portolan.linux.ffi.Errno;
import io.portolan.linux.ffi.SocketBuffers;
import io.portolan.linux.ffi.SystemCallException;
import io.portolan.linux.ffi.SystemCalls;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.route.MacAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Optional;

/**
 * One link as the wire sees it (packet(7)): what is sent passes by the machine's own stack, and
 * what arrives is seen before it. Not thread-safe.
 */
public final class PacketSocket implements AutoCloseable {
  // linux/if_packet.h, linux/if_ether.h
  private static final int SOL_PACKET = 263;
  private static final int PACKET_IGNORE_OUTGOING = 23;
  private static final int SOCKADDR_LL_BYTES = 20;
  private static final short ETH_P_ALL = 3;
  private static final short ETH_P_IP = 0x0800;
  private static final short ETH_P_IPV6 = (short) 0x86dd;
  private static final int ETHERNET_HEADER = 14;

  /** A probe in a burst of some hundred must not be lost for want of room. */
  static final int RECEIVE_BYTES = 1 << 21;

  private final SystemCalls calls;
  private final String name;
  private final int fd;
  private final ByteBuffer out = ByteBuffer.allocateDirect(ETHERNET_HEADER + IpPacket.MAX_BYTES);
  private final ByteBuffer in = ByteBuffer.allocateDirect(2048);

  private PacketSocket(SystemCalls calls, String name, int fd) {
    this.calls = calls;
    this.name = name;
    this.fd = fd;
  }

  /**
   * @param link index of a link of Ethernet kind in {@code namespace}
   * @throws SystemCallException EPERM without CAP_NET_RAW over the namespace
   */
  public static PacketSocket openIn(NetworkNamespace namespace, int link) {
    return namespace.call(() -> open("packet socket of link " + link + " in " + namespace, link));
  }

  private static PacketSocket open(String name, int link) {
    SystemCalls calls = SystemCalls.linux();
    // Protocol 0: nothing arrives before it is bound to the link.
    int fd =
        check(
            calls.socket(SystemCalls.AF_PACKET, SystemCalls.SOCK_RAW | SystemCalls.SOCK_CLOEXEC, 0),
            name);
    try {
      check(calls.setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1), name + ": ignore own");
      SocketBuffers.receive(calls, fd, RECEIVE_BYTES, name);
      ByteBuffer address =
          ByteBuffer.allocateDirect(SOCKADDR_LL_BYTES).order(ByteOrder.nativeOrder());
      address.putShort(0, (short) SystemCalls.AF_PACKET);
      address.order(ByteOrder.BIG_ENDIAN).putShort(2, ETH_P_ALL).order(ByteOrder.nativeOrder());
      address.putInt(4, link);
      check(calls.bind(fd, address), name + ": bind");
      return new PacketSocket(calls, name, fd);
    } catch (RuntimeException | Error e) {
      calls.close(fd);
      throw e;
    }
  }

  /** Puts the packet on the link, addressed to the machine behind it. */
  public void send(MacAddress to, IpPacket packet) {
    out.clear().put(to.bytes()).put(new byte[MacAddress.BYTES]);
    out.putShort(packet.isIpv4() ? ETH_P_IP : ETH_P_IPV6);
    packet.write(out);
    check(calls.send(fd, out.flip(), 0), name + ": send " + packet);
  }

  /** The next packet that arrived, from its IP header on, until the next call; does not wait. */
  Optional<ByteBuffer> receive() {
    while (true) {
      int length = calls.recv(fd, in.clear(), SystemCalls.MSG_DONTWAIT);
      if (length == -Errno.EAGAIN) {
        return Optional.empty();
      }
      if (length == -Errno.EINTR) {
        continue;
      }
      check(length, name + ": receive");
      if (length > ETHERNET_HEADER) {
        return Optional.of(in.limit(length).position(ETHERNET_HEADER));
      }
    }
  }

  /** Waits until something has arrived; false if nothing did in that time. */
  boolean await(Duration timeout) {
    int ready = calls.awaitReadable(fd, -1, (int) timeout.toMillis());
    return ready == -Errno.EINTR || check(ready, name + ": wait") != 0;
  }

  @Override
  public void close() {
    var _ = calls.close(fd);
  }
}
