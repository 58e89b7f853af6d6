package io.portolan.linux.nft.kernel;

import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.netlink.NetlinkBatch;
import io.portolan.linux.netlink.NetlinkFlags;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftCommand;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftText;
import io.portolan.linux.nft.NftTransaction;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Writes a transaction as one nfnetlink batch, and remembers which message is whose. */
final class NftBatchWriter {
  /** An attribute, and so the elements of one message, ends at 64 KiB. */
  private static final int ELEMENT_LIST_MAX = 0xffff;

  private static final int DESCRIPTION_MAX = 200;

  private final NftTransaction transaction;
  private final Supplier<QueueForm> queueing;
  private final NetlinkBatch batch;

  /** Index of the command that each message belongs to; -1 for the ends of the batch. */
  private int[] commandOf = new int[64];

  private int command = -1;
  private int nextSetId = 1;

  private NftBatchWriter(NftTransaction transaction, Supplier<QueueForm> queueing) {
    this.transaction = transaction;
    this.queueing = queueing;
    this.batch = new NetlinkBatch();
  }

  /**
   * @param generation put into the batch for the kernel to compare with its own
   * @param queueing how rules queue packets; asked if one does
   */
  static NftBatchWriter write(
      NftTransaction transaction, OptionalLong generation, Supplier<QueueForm> queueing) {
    NftBatchWriter writer = new NftBatchWriter(transaction, queueing);
    writer.writeAll(generation);
    return writer;
  }

  NetlinkBatch batch() {
    return batch;
  }

  /** Index of the command a message belongs to; empty for the ends of the batch. */
  OptionalInt commandOf(int message) {
    int index = commandOf[message];
    return index < 0 ? OptionalInt.empty() : OptionalInt.of(index);
  }

  private void writeAll(OptionalLong generation) {
    edge(
        Nfnl.BATCH_BEGIN,
        out -> generation.ifPresent(g -> out.u32BigEndian(Nfnl.BATCH_GENID, (int) g)));
    for (NftCommand next : transaction.commands()) {
      command++;
      command(next);
    }
    command = -1;
    edge(Nfnl.BATCH_END, out -> {});
  }

  private void edge(int type, Consumer<AttributeWriter> body) {
    remember();
    batch.add(
        type,
        0,
        () -> "nftables batch on table " + transaction.table().id(),
        out -> {
          out.byteField(0).byteField(0).shortFieldBigEndian(Nfnl.SUBSYSTEM);
          body.accept(out);
        });
  }

  private void command(NftCommand next) {
    NftTable table = transaction.table();
    switch (next) {
      case NftCommand.AddTable _ -> addTable(next, table);
      case NftCommand.DeleteTable _ -> deleteTable(next, table);
      case NftCommand.DestroyTable _ -> {
        addTable(next, table);
        deleteTable(next, table);
      }
      case NftCommand.AddChain c -> addChain(next, c.chain());
      case NftCommand.FlushChain c -> flushChain(next, c.chain());
      case NftCommand.DeleteChain c -> deleteChain(next, c.chain());
      case NftCommand.DestroyChain c -> {
        addChain(next, NftChain.regular(c.chain()));
        flushChain(next, c.chain());
        deleteChain(next, c.chain());
      }
      case NftCommand.AddSet c -> {
        int id = nextSetId++;
        add(
            Nfnl.NEW_SET,
            NetlinkFlags.CREATE,
            next,
            out -> SetCodec.write(out, table.name(), c.set(), id));
      }
      case NftCommand.FlushSet c ->
          add(
              Nfnl.DEL_SET_ELEM,
              0,
              next,
              out ->
                  out.string(Nfnl.ELEM_LIST_TABLE, table.name())
                      .string(Nfnl.ELEM_LIST_SET, c.set()));
      case NftCommand.DeleteSet c ->
          add(
              Nfnl.DEL_SET,
              0,
              next,
              out -> out.string(Nfnl.SET_TABLE, table.name()).string(Nfnl.SET_NAME, c.set()));
      case NftCommand.AddElements c ->
          elements(Nfnl.NEW_SET_ELEM, NetlinkFlags.CREATE, next, c.set(), c.elements(), false);
      case NftCommand.CreateElements c ->
          elements(
              Nfnl.NEW_SET_ELEM,
              NetlinkFlags.CREATE | NetlinkFlags.EXCLUSIVE,
              next,
              c.set(),
              c.elements(),
              false);
      case NftCommand.DeleteElements c ->
          elements(Nfnl.DEL_SET_ELEM, 0, next, c.set(), c.elements(), true);
      case NftCommand.AddRule c ->
          rule(
              next,
              NetlinkFlags.CREATE | NetlinkFlags.APPEND,
              c.chain(),
              c.rule(),
              Nfnl.RULE_POSITION,
              OptionalLong.empty());
      case NftCommand.InsertRule c ->
          rule(
              next,
              NetlinkFlags.CREATE,
              c.chain(),
              c.rule(),
              Nfnl.RULE_POSITION,
              OptionalLong.empty());
      case NftCommand.AddRuleAfter c ->
          rule(
              next,
              NetlinkFlags.CREATE | NetlinkFlags.APPEND,
              c.chain(),
              c.rule(),
              Nfnl.RULE_POSITION,
              OptionalLong.of(c.handle()));
      case NftCommand.InsertRuleBefore c ->
          rule(
              next,
              NetlinkFlags.CREATE,
              c.chain(),
              c.rule(),
              Nfnl.RULE_POSITION,
              OptionalLong.of(c.handle()));
      case NftCommand.ReplaceRule c ->
          rule(
              next,
              NetlinkFlags.REPLACE,
              c.chain(),
              c.rule(),
              Nfnl.RULE_HANDLE,
              OptionalLong.of(c.handle()));
      case NftCommand.DeleteRule c ->
          add(
              Nfnl.DEL_RULE,
              0,
              next,
              out ->
                  out.string(Nfnl.RULE_TABLE, table.name())
                      .string(Nfnl.RULE_CHAIN, c.chain())
                      .u64BigEndian(Nfnl.RULE_HANDLE, c.handle()));
      case NftCommand.AddCounter c ->
          add(
              Nfnl.NEW_OBJ,
              NetlinkFlags.CREATE,
              next,
              out -> ObjectCodec.write(out, table.name(), c.counter()));
      case NftCommand.DeleteCounter c ->
          add(
              Nfnl.DEL_OBJ,
              0,
              next,
              out ->
                  out.string(Nfnl.OBJ_TABLE, table.name())
                      .string(Nfnl.OBJ_NAME, c.counter())
                      .u32BigEndian(Nfnl.OBJ_TYPE, Nfnl.OBJ_COUNTER));
    }
  }

  private void addTable(NftCommand origin, NftTable table) {
    add(
        Nfnl.NEW_TABLE,
        NetlinkFlags.CREATE,
        origin,
        out -> {
          out.string(Nfnl.TABLE_NAME, table.name());
          table.comment().ifPresent(text -> out.bytes(Nfnl.TABLE_USERDATA, UserData.comment(text)));
        });
  }

  private void deleteTable(NftCommand origin, NftTable table) {
    add(Nfnl.DEL_TABLE, 0, origin, out -> out.string(Nfnl.TABLE_NAME, table.name()));
  }

  private void addChain(NftCommand origin, NftChain chain) {
    add(
        Nfnl.NEW_CHAIN,
        NetlinkFlags.CREATE,
        origin,
        out -> ChainCodec.write(out, transaction.table().name(), chain));
  }

  private void flushChain(NftCommand origin, String chain) {
    add(
        Nfnl.DEL_RULE,
        0,
        origin,
        out ->
            out.string(Nfnl.RULE_TABLE, transaction.table().name()).string(Nfnl.RULE_CHAIN, chain));
  }

  private void deleteChain(NftCommand origin, String chain) {
    add(
        Nfnl.DEL_CHAIN,
        // As nft does it: a chain that still has rules is not deleted by mistake.
        NetlinkFlags.NON_RECURSIVE,
        origin,
        out ->
            out.string(Nfnl.CHAIN_TABLE, transaction.table().name())
                .string(Nfnl.CHAIN_NAME, chain));
  }

  private void rule(
      NftCommand origin,
      int flags,
      String chain,
      NftRule rule,
      int handleAttribute,
      OptionalLong handle) {
    List<NftExpression> expressions =
        RuleLowering.lower(transaction.table().family(), rule).stream()
            .map(e -> e instanceof NftExpression.Queue queue ? queueing.get().of(queue) : e)
            .toList();
    add(
        Nfnl.NEW_RULE,
        flags,
        origin,
        out -> {
          out.string(Nfnl.RULE_TABLE, transaction.table().name()).string(Nfnl.RULE_CHAIN, chain);
          handle.ifPresent(number -> out.u64BigEndian(handleAttribute, number));
          ExpressionWriter.list(out, Nfnl.RULE_EXPRESSIONS, expressions);
          rule.comment().ifPresent(text -> out.bytes(Nfnl.RULE_USERDATA, UserData.comment(text)));
        });
  }

  /** As many messages as the list needs, each filled as far as an attribute goes. */
  private void elements(
      int type,
      int flags,
      NftCommand origin,
      NftSet set,
      List<NftElement> elements,
      boolean keyOnly) {
    int[] next = {0};
    while (next[0] < elements.size()) {
      add(
          type,
          flags,
          origin,
          out -> {
            out.string(Nfnl.ELEM_LIST_TABLE, transaction.table().name())
                .string(Nfnl.ELEM_LIST_SET, set.name());
            int start = out.openNested(Nfnl.ELEM_LIST_ELEMENTS);
            while (next[0] < elements.size()
                && out.length() - start < ELEMENT_LIST_MAX - ElementCodec.MAX_BYTES) {
              ElementCodec.write(out, set, elements.get(next[0]++), keyOnly);
            }
            out.closeNested(start);
          });
    }
  }

  private void add(int type, int flags, NftCommand origin, Consumer<AttributeWriter> body) {
    remember();
    // Refusals are answered anyway; the last command's answer tells success from a lost exchange.
    boolean last = command == transaction.commands().size() - 1;
    batch.add(
        type,
        last ? flags | NetlinkFlags.ACK : flags,
        () -> describe(origin),
        out -> {
          out.byteField(transaction.table().family().number()).byteField(0).shortFieldBigEndian(0);
          body.accept(out);
        });
  }

  private String describe(NftCommand origin) {
    String text = NftText.command(transaction.table(), origin);
    return text.length() <= DESCRIPTION_MAX ? text : text.substring(0, DESCRIPTION_MAX) + "…";
  }

  private void remember() {
    if (batch.size() == commandOf.length) {
      commandOf = Arrays.copyOf(commandOf, commandOf.length * 2);
    }
    commandOf[batch.size()] = command;
  }
}
