package io.portolan.linux.ffi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Direct buffers of closed sockets, kept for the next ones.
 *
 * <p>Sockets into namespaces live for one pod's wiring. Without reuse every one would leave 128 KiB
 * of direct memory to the garbage collector, which does not feel that pressure.
 */
public final class BufferPool {
  /**
   * Above the largest part of a dump (32 KiB, netlink_recvmsg in net/netlink/af_netlink.c) and any
   * single answer.
   */
  public static final int BUFFER_BYTES = 64 * 1024;

  private static final ArrayBlockingQueue<ByteBuffer> FREE = new ArrayBlockingQueue<>(8);

  private BufferPool() {}

  /** A buffer of {@link #BUFFER_BYTES} in the byte order of this machine. */
  public static ByteBuffer take() {
    ByteBuffer kept = FREE.poll();
    return kept != null
        ? kept
        : ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.nativeOrder());
  }

  /** Takes back a buffer nobody refers to any more; drops it if enough are waiting. */
  public static void giveBack(ByteBuffer buffer) {
    var _ = FREE.offer(buffer.clear());
  }
}
