package io.portolan.linux.nft.kernel;

import io.portolan.linux.ffi.Errno;
import io.portolan.linux.netlink.BatchResult;
import io.portolan.linux.netlink.NetlinkBuffers;
import io.portolan.linux.netlink.NetlinkException;
import io.portolan.linux.netlink.NetlinkProtocol;
import io.portolan.linux.netlink.NetlinkSocket;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.nft.NftCount;
import io.portolan.linux.nft.NftListing;
import io.portolan.linux.nft.NftListing.ListedCounter;
import io.portolan.linux.nft.NftListing.ListedElement;
import io.portolan.linux.nft.NftOutcome;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTables;
import io.portolan.linux.nft.NftTransaction;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * The nftables of the kernel, over one nfnetlink socket, without the {@code nft} program.
 *
 * <p>Belongs to the network namespace of the thread that opened it, and is used by one thread at a
 * time.
 */
public final class KernelNftTables implements NftTables, AutoCloseable {
  /** What the kernel answers to a batch that names another generation (nfnetlink.c). */
  private static final int ERESTART = 85;

  private final NetlinkSocket socket;
  private final TableReader reader;

  /** How the kernel queues packets, once that was asked; empty if it does not. */
  private Optional<QueueForm> queueing = Optional.empty();

  private boolean askedForQueueing;

  private KernelNftTables(NetlinkSocket socket) {
    this.socket = socket;
    this.reader = new TableReader(socket);
  }

  /**
   * Opens a socket in the network namespace of the calling thread.
   *
   * @throws io.portolan.linux.ffi.SystemCallException if the kernel refuses
   */
  public static KernelNftTables open() {
    return new KernelNftTables(NetlinkSocket.open(NetlinkProtocol.NETFILTER, NetlinkBuffers.LARGE));
  }

  /** Opens a socket in another network namespace, to be used from anywhere. */
  public static KernelNftTables open(NetworkNamespace namespace) {
    return new KernelNftTables(namespace.socket(NetlinkProtocol.NETFILTER, NetlinkBuffers.LARGE));
  }

  /** Identifies this program's changes among the notifications of an {@link NftMonitor}. */
  public int portId() {
    return socket.portId();
  }

  /**
   * @throws NetlinkException if the exchange itself failed; whether the transaction is in force is
   *     then unknown: read
   * @throws IllegalArgumentException if a rule reads fields of different protocols, or was read
   *     from somebody else
   */
  @Override
  public NftOutcome commit(NftTransaction transaction, OptionalLong generation) {
    if (transaction.isEmpty()) {
      return new NftOutcome.Committed();
    }
    return commit(transaction, generation, () -> queueing().orElse(QueueForm.NATIVE));
  }

  /**
   * Whether the kernel takes rules that queue packets ({@link NftStatement.Queue}), in one form or
   * another. Asks once.
   */
  public boolean canQueue() {
    return queueing().isPresent();
  }

  private Optional<QueueForm> queueing() {
    if (!askedForQueueing) {
      askedForQueueing = true;
      queueing = QueueForm.probe(form -> probe -> commit(probe, OptionalLong.empty(), () -> form));
    }
    return queueing;
  }

  private NftOutcome commit(
      NftTransaction transaction, OptionalLong generation, Supplier<QueueForm> form) {
    NftBatchWriter encoded = NftBatchWriter.write(transaction, generation, form);
    // A batch is one datagram, or the kernel takes its second part for a batch without beginning.
    if (encoded.batch().length() > socket.transactionLimit()) {
      return new NftOutcome.TooLong(encoded.batch().length(), socket.transactionLimit());
    }
    BatchResult result = socket.transact(encoded.batch());
    if (result.isSuccess()) {
      return new NftOutcome.Committed();
    }
    // Later failures may only follow from the first one.
    Map.Entry<Integer, NetlinkException> first = result.failures().firstEntry();
    OptionalInt command = encoded.commandOf(first.getKey());
    NetlinkException cause = first.getValue();
    if (command.isEmpty() && cause.errno() == ERESTART && generation.isPresent()) {
      return new NftOutcome.Stale(generation.getAsLong());
    }
    return new NftOutcome.Refused(command, cause.errno(), String.valueOf(cause.getMessage()));
  }

  @Override
  public Optional<NftListing> read(NftTable table) {
    return reader.read(table);
  }

  @Override
  public long generation() {
    return reader.generation();
  }

  /** The elements of one set, with what they counted; cheaper than reading the table. */
  public List<ListedElement> elements(NftTable table, NftSet set) {
    return reader.elements(table, set);
  }

  /** The named counters of a table, by name. */
  public List<ListedCounter> counters(NftTable table) {
    return reader.counters(table);
  }

  /**
   * Sets a named counter to zero; no packet is lost between what is returned and zero.
   *
   * @return what it had counted; empty if there is no such counter
   */
  public Optional<NftCount> resetCounter(NftTable table, String counter) {
    return reader.resetCounter(table, counter);
  }

  @Override
  public void close() {
    socket.close();
  }

  static boolean isAbsent(NetlinkException e) {
    return e.errno() == Errno.ENOENT;
  }
}
