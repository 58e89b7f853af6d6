package io.portolan.linux.nflog;

import io.portolan.linux.netlink.NetlinkBatch;
import io.portolan.linux.netlink.NetlinkBuffers;
import io.portolan.linux.netlink.NetlinkFlags;
import io.portolan.linux.netlink.NetlinkProtocol;
import io.portolan.linux.netlink.NetlinkSubscription;
import io.portolan.linux.netns.NetworkNamespace;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * The reader of one group of one namespace. Packets that nobody reads are not kept: a group without
 * a reader costs its rules next to nothing.
 *
 * <p>One thread reads; any thread may {@link #close}, which makes the reader return at once and
 * gives the group free.
 */
public final class NflogReader implements AutoCloseable {
  private final NetlinkSubscription subscription;

  private NflogReader(NetlinkSubscription subscription) {
    this.subscription = subscription;
  }

  /**
   * Begins to read in the namespace of the calling thread.
   *
   * @throws io.portolan.linux.netlink.NetlinkException EPERM if the group has a reader, and without
   *     CAP_NET_ADMIN over the namespace
   */
  public static NflogReader open(NflogGroup group) {
    NetlinkBatch bind =
        new NetlinkBatch()
            .add(
                NflogCodec.CONFIG,
                NetlinkFlags.ACK,
                () -> "read NFLOG group " + group.number(),
                out -> NflogCodec.writeBind(out, group));
    return new NflogReader(
        NetlinkSubscription.open(NetlinkProtocol.NETFILTER, NetlinkBuffers.DEFAULT, bind));
  }

  /** Begins to read in {@code namespace}, to be used from anywhere. */
  public static NflogReader openIn(NetworkNamespace namespace, NflogGroup group) {
    return namespace.call(() -> open(group));
  }

  /**
   * Waits for packets, at most {@code timeout}, and hands those that came together to {@code each}.
   *
   * @return {@code OVERRUN} if packets were lost because they came faster than they were read
   */
  public NetlinkSubscription.Outcome receive(Duration timeout, Consumer<LoggedPacket> each) {
    return subscription.receive(timeout, message -> NflogCodec.read(message, each));
  }

  @Override
  public void close() {
    subscription.close();
  }
}
