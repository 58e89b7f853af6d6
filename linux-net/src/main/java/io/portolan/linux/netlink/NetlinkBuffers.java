package io.portolan.linux.netlink;

/**
 * Kernel buffer sizes of a socket. They are limits; memory is taken as messages wait.
 *
 * <p>Both 0: see {@link #SMALL}.
 *
 * @param receiveBytes room for answers and notifications not yet read; an acknowledgement takes
 *     about 768 bytes
 * @param sendBytes the largest batch that can be sent as one
 */
public record NetlinkBuffers(int receiveBytes, int sendBytes) {
  /** Fits requests and dumps of rtnetlink. */
  public static final NetlinkBuffers DEFAULT = new NetlinkBuffers(2 << 20, 1 << 20);

  /**
   * What the system gives every socket (net.core.rmem_default, 208 KiB as a rule), for a handful of
   * small requests: sockets that live for one of them open in a third of the time.
   */
  public static final NetlinkBuffers SMALL = new NetlinkBuffers(0, 0);

  /** Fits an nftables transaction of about a million set elements. */
  public static final NetlinkBuffers LARGE = new NetlinkBuffers(32 << 20, 64 << 20);

  public NetlinkBuffers {
    boolean small = receiveBytes == 0 && sendBytes == 0;
    if (!small && (receiveBytes < 4096 || sendBytes < 4096)) {
      throw new IllegalArgumentException(
          "receiveBytes "
              + receiveBytes
              + ", sendBytes "
              + sendBytes
              + ": netlink needs at least 4096 each");
    }
  }
}
