package io.portolan.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * The socket against the kernel: reads of the namespace it runs in, and requests the kernel
 * refuses.
 */
class NetlinkSocketNetnsIT {
  private static final int RTM_NEWLINK = 16;
  private static final int RTM_GETLINK = 18;
  private static final int IFLA_IFNAME = 3;
  private static final int IFLA_MTU = 4;
  private static final int IFINFOMSG = 16;
  private static final String BEYOND_NAME_SIZE = "a-name-longer-than-any-interface";

  @Test
  void dumpFindsTheLoopback() {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkProtocol.ROUTE)) {
      List<String> names =
          socket.dump(RTM_GETLINK, () -> "list links", this::linkHeader, this::name);

      assertThat(names).contains("lo");
      assertThat(socket.portId()).isNotZero();
    }
  }

  @Test
  void everyMessageOfABatchIsAnsweredAndFailuresSayWhich() {
    NetlinkBatch batch = new NetlinkBatch();
    for (int i = 0; i < 300; i++) {
      String name = i % 100 == 7 ? "absent" + i : "lo";
      batch.add(
          RTM_GETLINK,
          NetlinkFlags.ACK,
          () -> "get link " + name,
          w -> linkHeader(w).string(IFLA_IFNAME, name));
    }
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkProtocol.ROUTE)) {
      int[] answers = {0};
      BatchResult result = socket.execute(batch, (index, message) -> answers[0]++);

      assertThat(answers[0]).isEqualTo(297);
      assertThat(result.failures().values())
          .extracting(Throwable::getMessage)
          .containsExactly(
              "get link absent7: ENODEV: no such device",
              "get link absent107: ENODEV: no such device",
              "get link absent207: ENODEV: no such device");
      assertThatThrownBy(result::throwIfFailed)
          .isInstanceOf(NetlinkException.class)
          .satisfies(e -> assertThat(e.getSuppressed()).hasSize(2))
          .satisfies(e -> assertThat(((NetlinkException) e).isNotFound()).isTrue());
    }
  }

  @Test
  void silenceAfterUnacknowledgedMessagesIsSuccess() {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkProtocol.ROUTE)) {
      NetlinkBatch batch =
          new NetlinkBatch()
              .add(RTM_GETLINK, 0, () -> "get lo", w -> linkHeader(w).string(IFLA_IFNAME, "lo"))
              .add(
                  RTM_GETLINK,
                  0,
                  () -> "get absent",
                  w -> linkHeader(w).string(IFLA_IFNAME, "absent"));

      assertThat(socket.execute(batch).failures().keySet()).containsExactly(1);
    }
  }

  @Test
  void theKernelsOwnWordsAndThePlaceSurface() {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkProtocol.ROUTE)) {
      assertThatThrownBy(() ->
              socket.query(
                  RTM_NEWLINK,
                  () -> "name lo",
                  w -> linkHeader(w).string(IFLA_IFNAME, BEYOND_NAME_SIZE),
                  this::name))
          .isInstanceOfSatisfying(
              NetlinkException.class,
              e -> {
                assertThat(e.errnoName()).isIn("ERANGE", "EINVAL");
                assertThat(e.kernelMessage()).isNotEmpty();
                assertThat(e.attributeOffset()).isEqualTo(NetlinkHeader.BYTES + IFINFOMSG);
                assertThat(e.getMessage()).startsWith("name lo: ");
              });
    }
  }

  @Test
  void decoderThatFailsLeavesTheSocketUsable() {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkProtocol.ROUTE)) {
      assertThatThrownBy(() ->
              socket.dump(
                  RTM_GETLINK,
                  () -> "list links",
                  this::linkHeader,
                  (message, found) -> {
                    throw new IllegalStateException("decoder");
                  }))
          .hasMessage("decoder");

      assertThat(socket.dump(RTM_GETLINK, () -> "list links", this::linkHeader, this::name))
          .contains("lo");
    }
  }

  @Test
  void secondUserAtTheSameTimeIsRefused() throws InterruptedException {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkProtocol.ROUTE)) {
      CountDownLatch refused = new CountDownLatch(1);
      socket.dump(
          RTM_GETLINK,
          () -> "list links",
          this::linkHeader,
          (message, found) -> {
            Thread second =
                Thread.ofPlatform()
                    .start(() -> {
                      try {
                        socket.execute(new NetlinkBatch());
                      } catch (IllegalStateException e) {
                        refused.countDown();
                      }
                    });
            join(second);
          });

      assertThat(refused.getCount()).isZero();
    }
  }

  @Test
  void closedSocketSaysSoAndClosesOnce() {
    NetlinkSocket socket = NetlinkSocket.open(NetlinkProtocol.ROUTE);
    socket.close();
    socket.close();

    assertThatThrownBy(() -> socket.execute(new NetlinkBatch()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void batchBeyondTheSendBufferNamesTheLimit() {
    NetlinkBatch batch = new NetlinkBatch();
    for (int i = 0; i < 2000; i++) {
      batch.add(
          RTM_GETLINK,
          0,
          () -> "get lo",
          w -> linkHeader(w).string(IFLA_IFNAME, "lo").u32(IFLA_MTU, 1));
    }
    try (NetlinkSocket socket =
        NetlinkSocket.open(NetlinkProtocol.ROUTE, new NetlinkBuffers(1 << 20, 4096))) {
      assertThatThrownBy(() -> socket.transact(batch))
          .isInstanceOf(NetlinkException.class)
          .hasMessageContaining("EMSGSIZE")
          .hasMessageContaining("at most " + socket.transactionLimit() + " bytes");
    }
  }

  private AttributeWriter linkHeader(AttributeWriter writer) {
    return writer.intField(0).intField(0).intField(0).intField(0);
  }

  private void name(NetlinkMessage message, Consumer<String> found) {
    AttributeReader attributes = message.attributes(IFINFOMSG);
    while (attributes.next()) {
      if (attributes.type() == IFLA_IFNAME) {
        found.accept(attributes.string());
      }
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
