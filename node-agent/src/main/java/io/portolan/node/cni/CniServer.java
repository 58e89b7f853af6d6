package io.portolan.node.cni;

import io.portolan.linux.ffi.SystemCallException;
import io.portolan.linux.unix.UnixConnection;
import io.portolan.linux.unix.UnixListener;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes requests of the shim over a Unix socket, one connection each.
 *
 * <p>A few threads accept connections, and serve them right there as long as another one is left to
 * accept the next: waking a second thread would cost a lone request a tenth of its time. The last
 * one hands over to virtual threads, so that any number can wait for an address.
 *
 * <p>Only the user the agent runs as may connect: the socket has mode 0600, never had another that
 * somebody could have used, and the kernel's word on the peer (SO_PEERCRED) is checked besides.
 * Length, time and number of requests are bounded; a peer that stalls loses its connection.
 */
public final class CniServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CniServer.class);

  /** Three times the pods of a large node; more wait in the kernel's queue. */
  private static final int MAX_CONCURRENT = 384;

  private static final int BACKLOG = 512;

  private static final int ACCEPTORS = 4;

  private final Path path;
  private final CniProtocol protocol;
  private final Duration readLimit;
  private final UnixListener listener;
  private final int owner;
  private final Semaphore slots = new Semaphore(MAX_CONCURRENT);

  /** Acceptors that wait for a connection. */
  private final AtomicInteger idle = new AtomicInteger();

  private CniServer(
      Path path, CniProtocol protocol, Duration readLimit, UnixListener listener, int owner) {
    this.path = path;
    this.protocol = protocol;
    this.readLimit = readLimit;
    this.listener = listener;
    this.owner = owner;
  }

  /**
   * Listens at {@code path}. The socket of a dead agent is replaced; missing directories are made
   * with mode 0700.
   *
   * @param readLimit how long a peer may take to send its request
   * @throws IOException if another agent listens there, or the socket cannot be made
   */
  public static CniServer open(Path path, CniProtocol protocol, Duration readLimit)
      throws IOException {
    Path directory = path.toAbsolutePath().getParent();
    if (directory != null && !Files.isDirectory(directory)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    if (isServed(path)) {
      throw new IOException("another node agent listens at " + path);
    }
    // Made where nobody else can enter, narrowed, then moved into place: at no moment can another
    // user connect, and a dead agent's socket is replaced in one step.
    Path nest = path.resolveSibling(path.getFileName() + ".d");
    Path draft = nest.resolve("s");
    Files.deleteIfExists(draft);
    Files.deleteIfExists(nest);
    Files.createDirectory(
        nest, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    UnixListener listener = UnixListener.bind(draft, BACKLOG);
    try {
      Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-------"));
      Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      Files.delete(nest);
      CniServer opened =
          new CniServer(
              path, protocol, readLimit, listener, (Integer) Files.getAttribute(path, "unix:uid"));
      for (int i = 0; i < ACCEPTORS; i++) {
        Thread.ofPlatform().name("cni-" + i).start(opened::accept);
      }
      return opened;
    } catch (IOException | RuntimeException e) {
      listener.close();
      throw e;
    }
  }

  private static boolean isServed(Path path) {
    if (!Files.exists(path)) {
      return false;
    }
    try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      return probe.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        slots.acquire();
        idle.incrementAndGet();
        UnixConnection peer;
        boolean another;
        try {
          peer = listener.accept();
        } finally {
          another = idle.decrementAndGet() > 0;
        }
        if (another) {
          serve(peer);
        } else {
          Thread.ofVirtual().name("cni").start(() -> serve(peer));
        }
      } catch (ClosedChannelException e) {
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (IOException e) {
        slots.release();
        LOG.warn("cannot accept a CNI request: {}", e.toString());
      }
    }
  }

  private void serve(UnixConnection peer) {
    try {
      answer(peer).run();
    } catch (IOException | SystemCallException e) {
      // The runtime has given up or died. It will ask for DEL; nothing is owed to this connection.
      LOG.info("a CNI connection ended early: {}", e.toString());
    } finally {
      slots.release();
    }
  }

  /** Returns what is left to do once the peer has its answer. */
  private Runnable answer(UnixConnection peer) throws IOException {
    try (peer) {
      int user = peer.peerUser();
      if (user != owner) {
        LOG.warn("refused a CNI request of user {}", user);
        return () -> {};
      }
      peer.readWithin(readLimit);
      CniProtocol.Output output =
          switch (ShimProtocol.read(peer)) {
            case ShimProtocol.Refused refused ->
                CniProtocol.failed(CniVersion.newest().toString(), refused.error());
            case ShimProtocol.Invocation call -> protocol.invoke(call.environment(), call.input());
          };
      ByteBuffer answer = ShimProtocol.answer(output.exitCode(), output.text());
      while (answer.hasRemaining()) {
        peer.write(answer);
      }
      return output.afterwards();
    }
  }

  /** Stops taking requests. Those under way are finished by their threads. */
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(path);
    listener.close();
  }
}
