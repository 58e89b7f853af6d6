package io.portolan.policy.agent;

import io.portolan.common.net.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Answers on many hosts' ports from one thread: TCP and UDP bytes come back as they went. */
final class EchoServers implements AutoCloseable {
  private final Selector selector;
  private final Thread thread = Thread.ofPlatform().name("echo").daemon().unstarted(this::run);

  EchoServers() {
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    thread.start();
  }

  EchoServers serve(Host host, int port) {
    for (IpAddress address : host.addresses()) {
      register(host.listen(address, port), SelectionKey.OP_ACCEPT);
      register(host.udp(address, port), SelectionKey.OP_READ);
    }
    return this;
  }

  private void register(java.nio.channels.SelectableChannel channel, int operations) {
    try {
      channel.register(selector, operations);
      selector.wakeup();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void run() {
    ByteBuffer buffer = ByteBuffer.allocate(65536);
    while (selector.isOpen()) {
      try {
        selector.select(
            key -> {
              try {
                serve(key, buffer);
              } catch (IOException e) {
                // A peer that was cut off; its flow is what the test looks at.
                key.cancel();
              }
            },
            50);
      } catch (IOException | ClosedSelectorException e) {
        return;
      }
    }
  }

  private void serve(SelectionKey key, ByteBuffer buffer) throws IOException {
    switch (key.channel()) {
      case ServerSocketChannel server -> {
        SocketChannel accepted = server.accept();
        if (accepted != null) {
          accepted.configureBlocking(false);
          accepted.register(selector, SelectionKey.OP_READ);
        }
      }
      case SocketChannel connection -> {
        buffer.clear();
        if (connection.read(buffer) < 0) {
          connection.close();
          return;
        }
        connection.write(buffer.flip());
      }
      case DatagramChannel socket -> {
        buffer.clear();
        SocketAddress from = socket.receive(buffer);
        if (from != null) {
          socket.send(buffer.flip(), from);
        }
      }
      default -> throw new IllegalStateException("unexpected channel " + key.channel());
    }
  }

  @Override
  public void close() {
    try {
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
      selector.close();
      thread.join(1000);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
