package io.portolan.linux.nfqueue;

import io.portolan.linux.netlink.NetlinkBatch;
import io.portolan.linux.netlink.NetlinkBuffers;
import io.portolan.linux.netlink.NetlinkFlags;
import io.portolan.linux.netlink.NetlinkProtocol;
import io.portolan.linux.netlink.NetlinkSubscription;
import io.portolan.linux.netns.NetworkNamespace;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * The reader of one queue of one namespace. A packet waits in the kernel until its verdict; those
 * that wait when the reader closes are dropped.
 *
 * <p>One thread reads; any thread may give verdicts and {@link #close}.
 */
public final class NfqueueReader implements AutoCloseable {
  /** Verdicts in one datagram, which fits the smallest send buffer. */
  private static final int TOGETHER = 64;

  private static final int VERDICT_BYTES = 32;

  private final NetlinkSubscription subscription;
  private final int queue;

  private NfqueueReader(NetlinkSubscription subscription, int queue) {
    this.subscription = subscription;
    this.queue = queue;
  }

  /**
   * Begins to read in the namespace of the calling thread.
   *
   * @throws io.portolan.linux.netlink.NetlinkException if the queue has a reader, and without
   *     CAP_NET_ADMIN over the namespace
   */
  public static NfqueueReader open(PacketQueue queue) {
    NetlinkBatch bind =
        new NetlinkBatch()
            .add(
                NfqueueCodec.CONFIG,
                NetlinkFlags.ACK,
                () -> "read queue " + queue.number(),
                out -> NfqueueCodec.writeBind(out, queue));
    return new NfqueueReader(
        NetlinkSubscription.open(NetlinkProtocol.NETFILTER, NetlinkBuffers.DEFAULT, bind),
        queue.number());
  }

  /** Begins to read in {@code namespace}, to be used from anywhere. */
  public static NfqueueReader openIn(NetworkNamespace namespace, PacketQueue queue) {
    return namespace.call(() -> open(queue));
  }

  /**
   * Waits for packets, at most {@code timeout}, and hands those that came together to {@code each}.
   *
   * @return {@code OVERRUN} if packets were lost because they came faster than they were read
   */
  public NetlinkSubscription.Outcome receive(Duration timeout, Consumer<QueuedPacket> each) {
    return subscription.receive(timeout, message -> NfqueueCodec.read(message, each));
  }

  /**
   * Gives one verdict on each of these packets; one that the kernel does not know any more is
   * passed over, and all are when closed.
   */
  public void decide(Verdict verdict, List<QueuedPacket> packets) {
    for (int from = 0; from < packets.size(); from += TOGETHER) {
      NetlinkBatch verdicts = new NetlinkBatch(TOGETHER * VERDICT_BYTES);
      for (QueuedPacket packet : packets.subList(from, Math.min(from + TOGETHER, packets.size()))) {
        verdicts.add(
            NfqueueCodec.VERDICT,
            NetlinkFlags.REQUEST,
            () -> "verdict in queue " + queue,
            out -> NfqueueCodec.writeVerdict(out, queue, packet.id(), verdict));
      }
      subscription.send(verdicts);
    }
  }

  @Override
  public void close() {
    subscription.close();
  }
}
