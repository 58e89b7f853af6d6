package io.portolan.linux.nft.kernel;

import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftCommand;
import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.NftHook;
import io.portolan.linux.nft.NftOutcome;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTransaction;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * How a rule asks the kernel to queue. Kernels without nftables' own expression (CONFIG_NFT_QUEUE)
 * mostly have iptables' target, which nftables runs (nft_compat.c); nft lists both alike.
 */
enum QueueForm {
  /** The expression {@code queue}. */
  NATIVE,

  /** The target NFQUEUE. */
  TARGET;

  /** In which the last revision that added something to NFQUEUE is. */
  private static final int REVISION = 3;

  private static final String TARGET_NAME = "NFQUEUE";

  /** Bytes of struct xt_NFQ_info_v3 and what aligns it: queue, number of queues, flags. */
  private static final int INFO_BYTES = 8;

  private static final NftTable PROBED = NftTable.of(NftFamily.INET, "queue-probe");

  /**
   * The form that the kernel takes; empty if it takes none. What is tried is gone with the
   * transaction that adds it.
   *
   * @param commit of a transaction, in this form
   */
  static Optional<QueueForm> probe(
      Function<QueueForm, Function<NftTransaction, NftOutcome>> commit) {
    NftTransaction probe =
        NftTransaction.on(PROBED)
            .addTable()
            .addChain(
                NftChain.base(
                    "probe", NftChain.Type.FILTER, NftHook.POSTROUTING, 0, NftChain.Policy.ACCEPT))
            .addRule("probe", new NftStatement.Queue(0, true))
            .with(new NftCommand.DeleteTable())
            .build();
    return Stream.of(values())
        .filter(form -> commit.apply(form).apply(probe).isCommitted())
        .findFirst();
  }

  /** The same in this form. */
  NftExpression of(NftExpression.Queue queue) {
    return new NftExpression.Queue(queue.number(), queue.bypass(), this == TARGET);
  }

  static void write(AttributeWriter out, NftExpression.Queue queue) {
    int flags = queue.bypass() ? NftExpression.Queue.BYPASS : 0;
    if (queue.byTarget()) {
      // In the byte order of the machine, as iptables hands it over.
      ByteBuffer info =
          ByteBuffer.allocate(INFO_BYTES)
              .order(ByteOrder.nativeOrder())
              .putShort((short) queue.number())
              .putShort((short) 1)
              .putShort((short) flags);
      ExpressionWriter.body(
          out,
          "target",
          b -> b.string(1, TARGET_NAME).u32BigEndian(2, REVISION).bytes(3, info.array()));
    } else {
      ExpressionWriter.body(
          out,
          "queue",
          b -> {
            b.u16BigEndian(1, queue.number()).u16BigEndian(2, 1);
            if (flags != 0) {
              b.u16BigEndian(3, flags);
            }
          });
    }
  }

  /** Empty for several queues, and for a queue that a register names. */
  static Optional<NftExpression> readNative(ExpressionReader.Fields fields) {
    return fields.has(1)
        ? queue(fields.u16(1), fields.u16(2), fields.u16(3), false)
        : Optional.empty();
  }

  /** Empty for another target, and for several queues. */
  static Optional<NftExpression> readTarget(ExpressionReader.Fields fields) {
    byte[] info = fields.raw(3);
    if (!fields.string(1).equals(TARGET_NAME)
        || fields.u32(2) != REVISION
        || info.length < INFO_BYTES - Short.BYTES) {
      return Optional.empty();
    }
    ByteBuffer words = ByteBuffer.wrap(info).order(ByteOrder.nativeOrder());
    return queue(
        words.getShort(0) & 0xffff, words.getShort(2) & 0xffff, words.getShort(4) & 0xffff, true);
  }

  private static Optional<NftExpression> queue(int number, int total, int flags, boolean byTarget) {
    boolean known = total == 1 && (flags & ~NftExpression.Queue.BYPASS) == 0;
    return known
        ? Optional.of(new NftExpression.Queue(number, flags != 0, byTarget))
        : Optional.empty();
  }
}
