package io.portolan.node.dataplane;

import io.portolan.linux.route.RouteSocket;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A few netlink sockets in the node's namespace. The kernel carries out changes one at a time
 * anyway; a few are enough to keep it busy.
 */
public final class SocketPool implements AutoCloseable {
  private static final int SIZE = 4;

  private final BlockingQueue<RouteSocket> idle = new ArrayBlockingQueue<>(SIZE);

  public SocketPool() {
    for (int i = 0; i < SIZE; i++) {
      idle.add(RouteSocket.open());
    }
  }

  public <T> T call(Function<RouteSocket, T> action) {
    RouteSocket socket;
    try {
      socket = idle.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a netlink socket", e);
    }
    try {
      return action.apply(socket);
    } finally {
      idle.add(socket);
    }
  }

  public void use(Consumer<RouteSocket> action) {
    this.<Boolean>call(socket -> {
      action.accept(socket);
      return true;
    });
  }

  @Override
  public void close() {
    idle.forEach(RouteSocket::close);
  }
}
