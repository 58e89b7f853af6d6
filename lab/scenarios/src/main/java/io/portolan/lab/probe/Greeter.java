package io.portolan.lab.probe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Set;

/**
 * The server side of every probe: greets each TCP connection with its own name and the source
 * address it sees, then closes. All listeners of a lab share one thread.
 */
public final class Greeter implements AutoCloseable {
  private final Selector selector;

  /** Starts the thread; there are no listeners yet. */
  public Greeter() throws IOException {
    this.selector = Selector.open();
    Thread.ofPlatform().name("greeter").daemon().start(this::loop);
  }

  /**
   * Takes over a listening channel, which may have been opened in any namespace.
   *
   * @param name what the greeting says
   * @return closes the listener
   */
  public AutoCloseable serve(String name, ServerSocketChannel listener) throws IOException {
    listener.configureBlocking(false);
    listener.register(selector, SelectionKey.OP_ACCEPT, name);
    selector.wakeup();
    return listener;
  }

  private void loop() {
    try {
      while (selector.isOpen()) {
        selector.select();
        Iterator<SelectionKey> ready = selector.selectedKeys().iterator();
        while (ready.hasNext()) {
          SelectionKey key = ready.next();
          ready.remove();
          greetAll(key);
        }
      }
    } catch (ClosedSelectorException e) {
      return; // closed from another thread: the regular end
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void greetAll(SelectionKey key) {
    if (!key.isValid() || !(key.channel() instanceof ServerSocketChannel listener)) {
      return;
    }
    while (true) {
      try (SocketChannel accepted = listener.accept()) {
        if (accepted == null) {
          return;
        }
        InetSocketAddress source = (InetSocketAddress) accepted.getRemoteAddress();
        String greeting = key.attachment() + " " + source.getAddress().getHostAddress() + "\n";
        accepted.write(ByteBuffer.wrap(greeting.getBytes(StandardCharsets.US_ASCII)));
      } catch (IOException e) {
        return; // the client or the listener is gone; the prober notices
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (SelectionKey key : Set.copyOf(selector.keys())) {
      key.channel().close();
    }
    selector.close(); // wakes the thread, which ends
  }
}
