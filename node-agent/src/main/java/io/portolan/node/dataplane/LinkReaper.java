package io.portolan.node.dataplane;

import io.portolan.linux.netlink.NetlinkException;
import io.portolan.linux.route.RouteSocket;
import io.portolan.node.endpoint.Ownership;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes doomed links in the background, all there are at once: the kernel's wait (RCU, some 24
 * ms) is the same for one as for a hundred, and nobody who removes a pod has to sit through it.
 */
public final class LinkReaper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LinkReaper.class);

  private final Semaphore work = new Semaphore(0);
  private final RouteSocket socket = RouteSocket.open();
  private final Thread thread;
  private volatile boolean closed;

  public LinkReaper() {
    thread = Thread.ofPlatform().daemon().name("link-reaper").start(this::run);
    wake();
  }

  /** Says that there may be doomed links. */
  public void wake() {
    work.release();
  }

  private void run() {
    while (!closed) {
      work.acquireUninterruptibly();
      work.drainPermits();
      try {
        socket.deleteGroup(Ownership.DOOMED_GROUP);
      } catch (NetlinkException e) {
        LOG.warn("doomed pod links stay until the next removal: {}", e.toString());
      }
    }
  }

  /** Finishes what was asked. */
  @Override
  public void close() {
    closed = true;
    work.release();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    socket.close();
  }
}
