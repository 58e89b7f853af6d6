package io.portolan.linux.nft.simulated;

import io.portolan.linux.nft.NftCommand;
import io.portolan.linux.nft.NftListing;
import io.portolan.linux.nft.NftOutcome;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTables;
import io.portolan.linux.nft.NftText;
import io.portolan.linux.nft.NftTransaction;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The nftables of a namespace, in memory.
 *
 * <p>Refuses, with the kernel's errno: commands on a table, chain, set, counter, rule or element
 * that is absent; rules and elements that refer to an absent chain or set, jump to a base chain or
 * look up a key of another shape; elements that exist (when created), map to other data or overlap;
 * deleting what is referred to or not empty; changing an element of a constant set in use; jumps
 * that nest deeper than the kernel's stack, so also loops.
 *
 * <p>Not modelled: packets and what they count, timeouts running out, limits of memory, chain types
 * that a statement is not allowed in, and privilege.
 *
 * <p>For one thread at a time.
 */
public final class SimulatedNftTables implements NftTables {
  private final Map<String, SimulatedTable> tables = new TreeMap<>();
  private long generation = 1;
  private Predicate<NftCommand> refused = _ -> false;

  /** From now on refuses every transaction with a command that matches, as for want of memory. */
  public void refuse(Predicate<NftCommand> commands) {
    refused = commands;
  }

  @Override
  public NftOutcome commit(NftTransaction transaction, OptionalLong expected) {
    if (transaction.isEmpty()) {
      return new NftOutcome.Committed();
    }
    if (expected.isPresent() && expected.getAsLong() != generation) {
      return new NftOutcome.Stale(expected.getAsLong());
    }
    UndoLog undo = new UndoLog();
    int index = 0;
    try {
      for (; index < transaction.commands().size(); index++) {
        apply(transaction.table(), transaction.commands().get(index), undo);
      }
    } catch (Refusal refusal) {
      undo.rollBack();
      return refused(transaction, index, refusal);
    }
    try {
      validate(transaction.table());
    } catch (Refusal refusal) {
      undo.rollBack();
      return replay(transaction);
    }
    generation++;
    return new NftOutcome.Committed();
  }

  /**
   * Finds the command to blame for jumps that nest too deep. The kernel looks at the whole once
   * every command has passed, so what is too deep half way does not matter. Only when the end is
   * refused does it take the batch back and run it again, now looking at the whole behind each
   * command that can add a jump (NFT_VALIDATE_DO in nf_tables_api.c), and reports the first.
   */
  private NftOutcome replay(NftTransaction transaction) {
    UndoLog undo = new UndoLog();
    int index = 0;
    try {
      for (; index < transaction.commands().size(); index++) {
        NftCommand command = transaction.commands().get(index);
        apply(transaction.table(), command, undo);
        if (addsJumps(command)) {
          validate(transaction.table());
        }
      }
    } catch (Refusal refusal) {
      return refused(transaction, index, refusal);
    } finally {
      undo.rollBack();
    }
    throw new IllegalStateException("refused as a whole, but not behind any command that adds");
  }

  private static boolean addsJumps(NftCommand command) {
    return switch (command) {
      case NftCommand.AddRule _,
          NftCommand.InsertRule _,
          NftCommand.AddRuleAfter _,
          NftCommand.InsertRuleBefore _,
          NftCommand.ReplaceRule _,
          NftCommand.AddElements _,
          NftCommand.CreateElements _ ->
          true;
      case NftCommand.AddTable _,
          NftCommand.DeleteTable _,
          NftCommand.DestroyTable _,
          NftCommand.AddChain _,
          NftCommand.FlushChain _,
          NftCommand.DeleteChain _,
          NftCommand.DestroyChain _,
          NftCommand.AddSet _,
          NftCommand.FlushSet _,
          NftCommand.DeleteSet _,
          NftCommand.DeleteElements _,
          NftCommand.DeleteRule _,
          NftCommand.AddCounter _,
          NftCommand.DeleteCounter _ ->
          false;
    };
  }

  private void validate(NftTable table) {
    table(table).ifPresent(SimulatedTable::validate);
  }

  private static NftOutcome refused(NftTransaction transaction, int index, Refusal refusal) {
    String command = NftText.command(transaction.table(), transaction.commands().get(index));
    return new NftOutcome.Refused(
        OptionalInt.of(index), refusal.errno(), command + ": " + refusal.getMessage());
  }

  private void apply(NftTable table, NftCommand command, UndoLog undo) {
    if (refused.test(command)) {
      throw new Refusal(Refusal.ENOMEM, "ENOMEM: refused on request");
    }
    switch (command) {
      case NftCommand.AddTable _ -> add(table, undo);
      case NftCommand.DeleteTable _ -> delete(table, undo);
      case NftCommand.DestroyTable _ -> {
        add(table, undo);
        delete(table, undo);
      }
      case NftCommand.AddChain _,
          NftCommand.FlushChain _,
          NftCommand.DeleteChain _,
          NftCommand.DestroyChain _,
          NftCommand.AddSet _,
          NftCommand.FlushSet _,
          NftCommand.DeleteSet _,
          NftCommand.AddElements _,
          NftCommand.CreateElements _,
          NftCommand.DeleteElements _,
          NftCommand.AddRule _,
          NftCommand.InsertRule _,
          NftCommand.AddRuleAfter _,
          NftCommand.InsertRuleBefore _,
          NftCommand.ReplaceRule _,
          NftCommand.DeleteRule _,
          NftCommand.AddCounter _,
          NftCommand.DeleteCounter _ ->
          table(table).orElseThrow(() -> Refusal.absent("table")).apply(command, undo);
    }
  }

  private void add(NftTable table, UndoLog undo) {
    if (!tables.containsKey(table.id())) {
      undo.put(tables, table.id(), new SimulatedTable(table));
    }
  }

  private void delete(NftTable table, UndoLog undo) {
    if (!tables.containsKey(table.id())) {
      throw Refusal.absent("table");
    }
    undo.remove(tables, table.id());
  }

  private Optional<SimulatedTable> table(NftTable table) {
    return Optional.ofNullable(tables.get(table.id()));
  }

  @Override
  public Optional<NftListing> read(NftTable table) {
    return table(table).map(SimulatedTable::listing);
  }

  @Override
  public long generation() {
    return generation;
  }

  /** All tables, as {@code nft list ruleset} prints them. */
  @Override
  public String toString() {
    return tables.values().stream()
        .map(table -> table.listing().toString())
        .collect(Collectors.joining());
  }
}
