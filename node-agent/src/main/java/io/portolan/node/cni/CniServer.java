package io.portolan.node.cni;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes requests of the shim over a Unix socket, one connection each.
 *
 * <p>A few threads accept connections, and serve them right there as long as another one is left to
 * accept the next: waking a second thread would cost a lone request a tenth of its time. The last
 * one hands over to virtual threads, so that any number can wait for an address.
 *
 * <p>Only the user the agent runs as may connect: the socket has mode 0600 and the kernel's word on
 * the peer (SO_PEERCRED) is checked besides. Length, time and number of requests are bounded; a
 * peer that stalls loses its connection.
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
  private final ServerSocketChannel server;
  private final UserPrincipal owner;
  private final Semaphore slots = new Semaphore(MAX_CONCURRENT);

  /** Acceptors that wait for a connection. */
  private final AtomicInteger idle = new AtomicInteger();

  private final ScheduledExecutorService watchdog =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("cni-watchdog").factory());

  private CniServer(
      Path path,
      CniProtocol protocol,
      Duration readLimit,
      ServerSocketChannel server,
      UserPrincipal owner) {
    this.path = path;
    this.protocol = protocol;
    this.readLimit = readLimit;
    this.server = server;
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
    // Made under another name, narrowed, then moved into place: at no moment can another user
    // connect, and a dead agent's socket is replaced in one step.
    Path draft = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(draft);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(draft), BACKLOG);
      Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-------"));
      Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      CniServer opened = new CniServer(path, protocol, readLimit, server, Files.getOwner(path));
      for (int i = 0; i < ACCEPTORS; i++) {
        Thread.ofPlatform().name("cni-" + i).start(opened::accept);
      }
      return opened;
    } catch (IOException | RuntimeException e) {
      server.close();
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
    while (server.isOpen()) {
      try {
        slots.acquire();
        idle.incrementAndGet();
        SocketChannel peer;
        boolean another;
        try {
          peer = server.accept();
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

  private void serve(SocketChannel peer) {
    try (peer) {
      UserPrincipal user = peer.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
      if (!user.equals(owner)) {
        LOG.warn("refused a CNI request of user {}", user.getName());
        return;
      }
      ScheduledFuture<?> limit =
          watchdog.schedule(() -> drop(peer), readLimit.toMillis(), TimeUnit.MILLISECONDS);
      ShimProtocol.Received received;
      try {
        received = ShimProtocol.read(peer);
      } finally {
        limit.cancel(false);
      }
      CniProtocol.Output output =
          switch (received) {
            case ShimProtocol.Refused refused ->
                CniProtocol.failed(CniVersion.newest().toString(), refused.error());
            case ShimProtocol.Invocation call -> protocol.invoke(call.environment(), call.input());
          };
      ByteBuffer answer = ShimProtocol.answer(output.exitCode(), output.text());
      while (answer.hasRemaining()) {
        peer.write(answer);
      }
    } catch (IOException e) {
      // The runtime has given up or died. It will ask for DEL; nothing is owed to this connection.
      LOG.info("a CNI connection ended early: {}", e.toString());
    } finally {
      slots.release();
    }
  }

  private static void drop(SocketChannel peer) {
    try {
      peer.close();
    } catch (IOException e) {
      LOG.debug("closing a stalled CNI connection: {}", e.toString());
    }
  }

  /** Stops taking requests. Those under way are finished by their threads. */
  @Override
  public void close() throws IOException {
    watchdog.shutdownNow();
    Files.deleteIfExists(path);
    server.close();
  }
}
