package io.portolan.policy.agent;

import io.portolan.linux.nft.NftCommand;
import io.portolan.linux.nft.NftListing;
import io.portolan.linux.nft.NftOutcome;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTables;
import io.portolan.linux.nft.NftTransaction;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Hands transactions on, and says when which was in force and how much it touched. */
final class TimedTables implements NftTables {
  private final NftTables tables;
  private final BlockingQueue<Commit> commits = new LinkedBlockingQueue<>();

  TimedTables(NftTables tables) {
    this.tables = tables;
  }

  /**
   * A transaction that changed what the rules say. One that only gave them another number, or took
   * away what nothing led to any more, is none.
   *
   * @param elements that were put in or taken out
   * @param rules that were put in
   * @param at when the kernel had answered, as {@link System#nanoTime}
   */
  record Commit(int elements, int rules, long at) {
    boolean changes() {
      return elements + rules > 0;
    }
  }

  /**
   * Waits for the next.
   *
   * @throws IllegalStateException if there is none for seconds: the change changed nothing
   */
  Commit next() throws InterruptedException {
    Commit commit = commits.poll(20, TimeUnit.SECONDS);
    if (commit == null) {
      throw new IllegalStateException("nothing was committed");
    }
    return commit;
  }

  void forget() {
    commits.clear();
  }

  @Override
  public NftOutcome commit(NftTransaction transaction, OptionalLong generation) {
    NftOutcome outcome = tables.commit(transaction, generation);
    long at = System.nanoTime();
    int elements = 0;
    int rules = 0;
    for (NftCommand command : transaction.commands()) {
      switch (command) {
        case NftCommand.AddElements add when isOurs(add.set().name()) ->
            elements += add.elements().size();
        case NftCommand.DeleteElements delete when isOurs(delete.set().name()) ->
            elements += delete.elements().size();
        case NftCommand.AddRule add when !add.chain().equals("stamp") -> rules++;
        default -> {}
      }
    }
    Commit commit = new Commit(elements, rules, at);
    if (outcome.isCommitted() && commit.changes()) {
      commits.add(commit);
    }
    return outcome;
  }

  /** The set of the rules' present number is written along with most changes. */
  private static boolean isOurs(String set) {
    return !set.equals("current");
  }

  @Override
  public Optional<NftListing> read(NftTable table) {
    return tables.read(table);
  }

  @Override
  public long generation() {
    return tables.generation();
  }
}
