package io.portolan.linux.netlink;

import static io.portolan.linux.ffi.SystemCallException.check;

import io.portolan.linux.ffi.BufferPool;
import io.portolan.linux.ffi.Errno;
import io.portolan.linux.ffi.SocketBuffers;
import io.portolan.linux.ffi.SystemCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A netlink descriptor with its buffers: datagrams out, datagrams in. Not thread-safe. */
final class NetlinkChannel {
  // linux/netlink.h and linux/socket.h
  private static final int SOL_NETLINK = 270;
  private static final int ADD_MEMBERSHIP = 1;
  private static final int CAP_ACK = 10;
  private static final int EXT_ACK = 11;
  private static final int GET_STRICT_CHECK = 12;
  private static final int SOCKADDR_NL_BYTES = 12;

  /**
   * net/netlink/af_netlink.c, netlink_sendmsg: a datagram must leave this much of the send buffer
   * free.
   */
  private static final int SEND_OVERHEAD = 32;

  /** Of a socket nobody sized: the smallest send buffer a system may give holds that much. */
  private static final int SMALL_SEND_LIMIT = 4096;

  private final SystemCalls calls;
  private final int fd;
  private final int portId;
  private final int sendLimit;
  private final ByteBuffer receiveBuffer = BufferPool.take();
  private final ByteBuffer sendBuffer = BufferPool.take();

  private NetlinkChannel(SystemCalls calls, int fd, int portId, int sendLimit) {
    this.calls = calls;
    this.fd = fd;
    this.portId = portId;
    this.sendLimit = sendLimit;
  }

  static NetlinkChannel open(NetlinkProtocol protocol, NetlinkBuffers buffers) {
    SystemCalls calls = SystemCalls.linux();
    String name = "netlink socket " + protocol;
    int fd =
        check(
            calls.socket(
                SystemCalls.AF_NETLINK,
                SystemCalls.SOCK_RAW | SystemCalls.SOCK_CLOEXEC,
                protocol.number()),
            name);
    try {
      check(calls.setsockopt(fd, SOL_NETLINK, EXT_ACK, 1), name + ": NETLINK_EXT_ACK");
      check(calls.setsockopt(fd, SOL_NETLINK, CAP_ACK, 1), name + ": NETLINK_CAP_ACK");
      if (protocol == NetlinkProtocol.ROUTE) {
        // Filters of dumps are applied by the kernel only with this; one that does not know it
        // sends everything, which
        // the readers filter again.
        var _ = calls.setsockopt(fd, SOL_NETLINK, GET_STRICT_CHECK, 1);
      }
      if (buffers.equals(NetlinkBuffers.SMALL)) {
        // The kernel gives the port with the first request.
        return new NetlinkChannel(calls, fd, 0, SMALL_SEND_LIMIT);
      }
      SocketBuffers.receive(calls, fd, buffers.receiveBytes(), name);
      SocketBuffers.send(calls, fd, buffers.sendBytes(), name);
      int portId = bind(calls, fd, name);
      int sendLimit =
          check(
                  calls.getsockopt(fd, SystemCalls.SOL_SOCKET, SystemCalls.SO_SNDBUF),
                  name + ": SO_SNDBUF")
              - SEND_OVERHEAD;
      return new NetlinkChannel(calls, fd, portId, sendLimit);
    } catch (RuntimeException | Error e) {
      calls.close(fd);
      throw e;
    }
  }

  private static int bind(SystemCalls calls, int fd, String name) {
    // struct sockaddr_nl { u16 family; u16 pad; u32 pid; u32 groups; }; pid 0: the kernel picks a
    // port id.
    ByteBuffer address =
        ByteBuffer.allocateDirect(SOCKADDR_NL_BYTES).order(ByteOrder.nativeOrder());
    address.putShort(0, (short) SystemCalls.AF_NETLINK);
    check(calls.bind(fd, address), name + ": bind");
    check(calls.getsockname(fd, address), name + ": getsockname");
    return address.getInt(4);
  }

  void join(int group) {
    check(calls.setsockopt(fd, SOL_NETLINK, ADD_MEMBERSHIP, group), "join netlink group " + group);
  }

  int portId() {
    return portId;
  }

  int sendLimit() {
    return sendLimit;
  }

  /** Sends one datagram; returns 0 or the negative errno. */
  int send(byte[] bytes, int from, int to) {
    int length = to - from;
    if (length <= sendBuffer.capacity()) {
      return sendFrom(sendBuffer.clear().put(bytes, from, length).flip());
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(length);
      MemorySegment.copy(MemorySegment.ofArray(bytes), from, copy, 0, length);
      return sendFrom(copy.asByteBuffer());
    }
  }

  private int sendFrom(ByteBuffer datagram) {
    int result;
    do {
      result = calls.send(fd, datagram, 0);
    } while (result == -Errno.EINTR);
    return Math.min(result, 0);
  }

  /**
   * Receives one datagram into the buffer returned by {@link #received()}.
   *
   * @return its length, or the negative errno; -EAGAIN if none is waiting
   */
  int receive() {
    receiveBuffer.clear();
    int result;
    do {
      result = calls.recv(fd, receiveBuffer, SystemCalls.MSG_DONTWAIT | SystemCalls.MSG_TRUNC);
    } while (result == -Errno.EINTR);
    if (result > receiveBuffer.capacity()) {
      return -Errno.EMSGSIZE;
    }
    if (result >= 0) {
      receiveBuffer.limit(result);
    }
    return result;
  }

  ByteBuffer received() {
    return receiveBuffer;
  }

  /** Waits for a datagram or for {@code wake} (-1: none); see {@link SystemCalls#awaitReadable}. */
  int await(int wake, int timeoutMillis) {
    int result = calls.awaitReadable(fd, wake, timeoutMillis);
    return result == -Errno.EINTR ? 0 : check(result, "wait for netlink");
  }

  void close() {
    calls.close(fd);
    BufferPool.giveBack(receiveBuffer);
    BufferPool.giveBack(sendBuffer);
  }
}
