package io.portolan.policy.agent;

import io.portolan.common.net.IpAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/** One TCP connection after the other, for tests of few. */
final class Connecting {
  /** Nothing here takes longer than some milliseconds, unless the machine is busy. */
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

  private Connecting() {}

  /** Whether a connection comes about within a time in which it would, were it let pass. */
  static boolean connects(Host from, IpAddress to, int port, long silenceMillis) {
    long begin = System.nanoTime();
    try (SocketChannel channel = from.tcp(from.address(to.isIpv4()))) {
      channel.connect(new InetSocketAddress(to.toInetAddress(), port));
      while (!channel.finishConnect()) {
        if (System.nanoTime() - begin > TimeUnit.MILLISECONDS.toNanos(silenceMillis)) {
          return false;
        }
        TimeUnit.MILLISECONDS.sleep(2);
      }
      return true;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Whether a connection that shall come about does. */
  static boolean connects(Host from, IpAddress to, int port) {
    return connects(from, to, port, TimeUnit.NANOSECONDS.toMillis(PATIENCE));
  }

  /** Whether a connection that shall not come about does not. */
  static boolean isSilent(Host from, IpAddress to, int port) {
    return !connects(from, to, port, 300);
  }
}
