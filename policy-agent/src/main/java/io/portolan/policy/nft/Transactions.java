package io.portolan.policy.nft;

import io.portolan.linux.nft.NftCommand;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftTransaction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Divides transactions.
 *
 * <p>What is new (sets, chains, and what is in them) touches no packet until an element of a
 * verdict map or a rule of an older chain leads to it, so of a transaction that is too long for one
 * message it can go ahead in pieces. What nothing leads to any more can be removed later. The rest,
 * which changes what packets meet, stays one transaction. A crash in between leaves sets and chains
 * nothing leads to; the next start finds and removes them.
 */
public final class Transactions {
  /** Elements per piece: about 300 kB on the wire. */
  private static final int PIECE = 4000;

  private Transactions() {}

  /**
   * What a transaction does to packets, and what it takes away because nothing leads there any
   * more.
   *
   * @param removal to be committed a little later: a packet that began with the old rules still
   *     looks into the sets they name, and an empty one would turn a rule that denies into one that
   *     does not
   */
  public record Parts(NftTransaction change, NftTransaction removal) {}

  /** Separates what can wait: emptying and deleting chains and sets that end with it. */
  public static Parts apart(NftTransaction whole) {
    Set<String> ending = new HashSet<>();
    for (NftCommand command : whole.commands()) {
      if (command instanceof NftCommand.DeleteChain(String chain)) {
        ending.add(chain);
      }
    }
    List<NftCommand> change = new ArrayList<>();
    List<NftCommand> removal = new ArrayList<>();
    for (NftCommand command : whole.commands()) {
      boolean waits =
          switch (command) {
            case NftCommand.DeleteChain _, NftCommand.DeleteSet _, NftCommand.DeleteCounter _ ->
                true;
            case NftCommand.FlushChain(String chain) -> ending.contains(chain);
            default -> false;
          };
      (waits ? removal : change).add(command);
    }
    return new Parts(
        new NftTransaction(whole.table(), change), new NftTransaction(whole.table(), removal));
  }

  /** The pieces in order; a single one if nothing can go ahead. */
  public static List<NftTransaction> divide(NftTransaction whole) {
    List<NftCommand> ahead = new ArrayList<>();
    List<NftCommand> together = new ArrayList<>();
    Set<String> freshSets = new HashSet<>();
    Set<String> freshChains = new HashSet<>();
    for (NftCommand command : whole.commands()) {
      boolean fresh =
          switch (command) {
            case NftCommand.AddCounter _ -> true;
            case NftCommand.AddSet add -> freshSets.add(add.set().name());
            case NftCommand.AddChain add ->
                add.chain().base().isEmpty() && freshChains.add(add.chain().name());
            case NftCommand.AddRule add -> freshChains.contains(add.chain());
            case NftCommand.AddElements add ->
                freshSets.contains(add.set().name()) && !add.set().isMap();
            default -> false;
          };
      (fresh ? ahead : together).add(command);
    }
    List<NftTransaction> pieces = new ArrayList<>(pieces(whole, ahead));
    if (!together.isEmpty()) {
      pieces.add(new NftTransaction(whole.table(), together));
    }
    return pieces;
  }

  private static List<NftTransaction> pieces(NftTransaction whole, List<NftCommand> commands) {
    List<NftTransaction> pieces = new ArrayList<>();
    List<NftCommand> piece = new ArrayList<>();
    int size = 0;
    for (NftCommand command : commands) {
      for (NftCommand part : parts(command)) {
        int weight = part instanceof NftCommand.AddElements add ? add.elements().size() : 8;
        if (size + weight > PIECE && !piece.isEmpty()) {
          pieces.add(new NftTransaction(whole.table(), piece));
          piece = new ArrayList<>();
          size = 0;
        }
        piece.add(part);
        size += weight;
      }
    }
    if (!piece.isEmpty()) {
      pieces.add(new NftTransaction(whole.table(), piece));
    }
    return pieces;
  }

  private static List<NftCommand> parts(NftCommand command) {
    if (!(command instanceof NftCommand.AddElements(NftSet set, List<NftElement> elements))
        || elements.size() <= PIECE) {
      return List.of(command);
    }
    List<NftCommand> parts = new ArrayList<>();
    for (int from = 0; from < elements.size(); from += PIECE) {
      parts.add(
          new NftCommand.AddElements(
              set, elements.subList(from, Math.min(from + PIECE, elements.size()))));
    }
    return parts;
  }
}
