package io.portolan.linux.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portolan.linux.netlink.NetlinkBatch;
import io.portolan.linux.netlink.NetlinkProtocol;
import io.portolan.linux.netlink.NetlinkSocket;
import io.portolan.linux.netns.NamespaceException.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkNamespaceNetnsIT {
  @TempDir Path directory;

  @Test
  void isKeptAtItsPathUntilDeleted() {
    Path path = directory.resolve("deep/er/pod");
    try (NetworkNamespace created = NetworkNamespace.create(path);
        NetworkNamespace opened = NetworkNamespace.open(path);
        NetworkNamespace own = NetworkNamespace.current()) {
      assertThat(opened.isSameAs(created)).isTrue();
      assertThat(opened.isSameAs(own)).isFalse();
    }
    try (NetworkNamespace reopened = NetworkNamespace.open(path)) {
      assertThat(reopened.toString()).isEqualTo(path.toString());
    }
    assertThat(NetworkNamespace.delete(path)).isTrue();
    assertThat(path).doesNotExist();
    assertThat(NetworkNamespace.delete(path)).isFalse();
  }

  @Test
  void creatingOverANamespaceIsRefusedAndLeavesIt() {
    Path path = directory.resolve("pod");
    try (NetworkNamespace created = NetworkNamespace.create(path)) {
      assertReason(() -> NetworkNamespace.create(path), Reason.EXISTS, "exists already");
      try (NetworkNamespace still = NetworkNamespace.open(path)) {
        assertThat(still.isSameAs(created)).isTrue();
      }
    } finally {
      NetworkNamespace.delete(path);
    }
  }

  @Test
  void emptyFileOfACrashIsUsedAndRemoved() throws IOException {
    Path path = Files.createFile(directory.resolve("debris"));
    NetworkNamespace.create(path).close();
    assertThat(NetworkNamespace.delete(path)).isTrue();

    Files.createFile(path);
    assertThat(NetworkNamespace.delete(path)).isTrue();
    assertThat(path).doesNotExist();
  }

  @Test
  void aVisitorComesBackWhateverHappened() throws Exception {
    for (boolean virtual : new boolean[] {false, true}) {
      Thread thread = virtual ? Thread.ofVirtual().unstarted(this::visit) : new Thread(this::visit);
      thread.start();
      thread.join();
      assertThat(trouble).isEmpty();
    }
  }

  private volatile String trouble = "has not run";

  private void visit() {
    try (NetworkNamespace other = NetworkNamespace.anonymous();
        NetworkNamespace before = NetworkNamespace.current()) {
      other.visit(
          before,
          () -> {
            try (NetworkNamespace inside = NetworkNamespace.current()) {
              assertThat(inside.isSameAs(other)).isTrue();
            }
          });
      assertThatThrownBy(() ->
              other.visit(
                  before,
                  () -> {
                    throw new IOException("inside");
                  }))
          .hasMessage("inside");
      try (NetworkNamespace after = NetworkNamespace.current()) {
        assertThat(after.isSameAs(before)).isTrue();
      }
      trouble = "";
    } catch (RuntimeException | AssertionError e) {
      trouble = e.toString();
    }
  }

  @Test
  void whatIsNoNamespaceIsNamedAndLeftAlone() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "precious");

    assertReason(
        () -> NetworkNamespace.open(directory.resolve("absent")), Reason.MISSING, "absent: ENOENT");
    assertReason(() -> NetworkNamespace.open(file), Reason.NOT_A_NAMESPACE, "is no namespace");
    assertReason(() -> NetworkNamespace.open(directory), Reason.NOT_A_NAMESPACE, "is no namespace");
    assertReason(
        () -> NetworkNamespace.open(Path.of("/proc/self/ns/mnt")),
        Reason.NOT_A_NAMESPACE,
        "of another kind");
    assertReason(() -> NetworkNamespace.create(file), Reason.NOT_A_NAMESPACE, "is no namespace");
    assertReason(() -> NetworkNamespace.delete(file), Reason.NOT_A_NAMESPACE, "is no namespace");
    assertReason(
        () -> NetworkNamespace.ofProcess(0x7fff_fff0L), Reason.MISSING, "process 2147483632");
    assertThat(file).hasContent("precious");
  }

  @Test
  void handleOutlivesItsPath() {
    Path path = directory.resolve("pod");
    try (NetworkNamespace namespace = NetworkNamespace.create(path)) {
      assertThat(NetworkNamespace.delete(path)).isTrue();

      long inside = namespace.call(NetworkNamespaceNetnsIT::inodeOfThread);
      assertThat(inside).isEqualTo(namespace.inode());
    }
  }

  @Test
  void closedHandleSaysSo() {
    NetworkNamespace namespace = NetworkNamespace.anonymous();
    namespace.close();
    namespace.close();
    assertThatThrownBy(() -> namespace.run(() -> {})).hasMessageContaining("is closed");
  }

  @Test
  void callerStaysWhereItIsAndGetsWhatTheActionThrew() {
    long before = inodeOfThread();
    try (NetworkNamespace namespace = NetworkNamespace.anonymous()) {
      assertThatThrownBy(() ->
              namespace.run(() -> {
                throw new IOException("from inside");
              }))
          .isInstanceOf(IOException.class)
          .hasMessage("from inside");
      assertThat(inodeOfThread()).isEqualTo(before);
    }
  }

  @Test
  void interruptReachesTheActionAndStaysWithTheCaller() throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    boolean[] kept = {false};
    try (NetworkNamespace namespace = NetworkNamespace.anonymous()) {
      Thread caller =
          Thread.ofVirtual()
              .start(() -> {
                namespace.run(() -> {
                  inside.countDown();
                  try {
                    new CountDownLatch(1).await();
                  } catch (InterruptedException e) {
                    interrupted.countDown();
                  }
                });
                kept[0] = Thread.currentThread().isInterrupted();
              });
      assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
      caller.interrupt();
      assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
      caller.join();
      assertThat(kept[0]).isTrue();
    }
  }

  @Test
  void socketsOpenedInsideAreUsedOutside() throws IOException {
    try (NetworkNamespace namespace = NetworkNamespace.anonymous();
        NetlinkSocket netlink = namespace.socket(NetlinkProtocol.ROUTE)) {
      // lo of a new namespace is down: RTM_NEWLINK, index 1, IFF_UP
      netlink
          .execute(
              new NetlinkBatch()
                  .add(
                      16, 4, () -> "lo up", w -> w.intField(0).intField(1).intField(1).intField(1)))
          .throwIfFailed();
      try (ServerSocket server =
              namespace.call(() -> new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1")));
          Socket client = namespace.call(Socket::new)) {
        namespace.run(
            () -> client.connect(new InetSocketAddress("127.0.0.1", server.getLocalPort()), 5000));
        try (Socket accepted = server.accept()) {
          assertThat(accepted.getPort()).isEqualTo(client.getLocalPort());
        }
        assertThatThrownBy(() -> new Socket("127.0.0.1", server.getLocalPort()).close())
            .isInstanceOf(SocketException.class);
      }
    }
  }

  private static long inodeOfThread() {
    try (NetworkNamespace own = NetworkNamespace.current()) {
      return own.inode();
    }
  }

  private static void assertReason(ThrowingCallable call, Reason reason, String text) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            NamespaceException.class,
            e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason))
        .hasMessageContaining(text);
  }
}
