package io.portolan.policy.nft;

import io.portolan.linux.nft.CtField;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftCommand;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The short way for connections that were judged already.
 *
 * <p>A connection that passed both ends is stamped with the number of the rules' generation, in the
 * upper half of its conntrack mark. Packets of a connection with the present number pass at once. A
 * transaction that may deny something gives the rules the next number as one of its commands, so
 * from the moment it is in force every connection is judged again, once.
 *
 * <p>The present number is an element of a set, and the rule that stamps has no verdict: a rule
 * with a verdict would make the kernel check the whole table for loops, which takes milliseconds in
 * a large one. A set compares whole marks, so connections whose lower half says something else than
 * what is listed here go the long way, which is slower and just as right.
 *
 * @param number 1 to 65535; 0 turns the short way off and stamps nothing
 */
public record Generation(int number) {
  /** Bits of the conntrack mark; kube-proxy and the clouds' agents use lower ones. */
  public static final int MASK = 0xffff0000;

  public static final Generation OFF = new Generation(0);

  /** Marks of connections that were judged by the present rules. */
  static final NftSet CURRENT =
      NftSet.of("current", NftType.MARK).comment("connections judged by the present rules");

  /** Gives the present number to what passed. */
  static final String STAMP = "stamp";

  /** What else marks hold: nothing, or that AWS's source NAT keeps to the primary interface. */
  private static final int[] LOWER_HALVES = {0, 0x80};

  private static final int LAST = 0xffff;

  public Generation {
    if (number < 0 || number > LAST) {
      throw new IllegalArgumentException("generation " + number + ": 0 to " + LAST);
    }
  }

  public boolean isOff() {
    return number == 0;
  }

  /** After the last number it is off: numbers may be used again once old stamps are cleared. */
  public Generation next() {
    return number == LAST ? OFF : new Generation(number + 1);
  }

  /** Puts the generation into force in a table that has the skeleton. */
  public void write(DesiredTable table) {
    int stamp = number << 16;
    List.copyOf(table.elements(CURRENT.name()).keySet())
        .forEach(key -> table.removeElement(CURRENT.name(), key));
    if (isOff()) {
      table.putChain(NftChain.regular(STAMP), List.of());
      return;
    }
    for (int lower : LOWER_HALVES) {
      table.putElement(CURRENT.name(), NftElement.of(NftValue.mark(stamp | lower)));
    }
    table.putChain(
        NftChain.regular(STAMP),
        List.of(NftRule.of(new NftStatement.SetMark(NftStatement.Mark.CT, MASK, stamp))));
  }

  /**
   * Of the direction a connection was opened in. Only its packets are judged everywhere, so only
   * they show that the connection passed.
   */
  static NftStatement opening() {
    return NftStatement.equal(CtField.DIRECTION, NftValue.number(NftType.CT_DIR, 0));
  }

  /** What a table says; off if it has none. */
  public static Generation of(TableImage table) {
    return Optional.ofNullable(table.chains().get(STAMP)).stream()
        .flatMap(chain -> chain.rules().stream())
        .flatMap(rule -> rule.statements().stream())
        .filter(NftStatement.SetMark.class::isInstance)
        .map(statement -> new Generation(((NftStatement.SetMark) statement).value() >>> 16))
        .findFirst()
        .orElse(OFF);
  }

  /**
   * Whether a transaction may deny what was allowed before.
   *
   * @param denying sets whose new members may be denied something; the sets that are new themselves
   *     are not meant, as only new rules look into them
   */
  public static boolean mustFollow(NftTransaction transaction, Predicate<String> denying) {
    Set<String> fresh = new HashSet<>();
    return transaction.commands().stream()
        .anyMatch(command ->
            switch (command) {
              case NftCommand.AddElements add ->
                  !fresh.contains(add.set().name())
                      && (add.set().isMap() || denying.test(add.set().name()));
              case NftCommand.AddSet add -> {
                fresh.add(add.set().name());
                yield false;
              }
              // Packets meet a base chain by themselves; the skeleton's are there from the start.
              case NftCommand.AddChain add -> HostHooks.isOne(add.chain().name());
              case NftCommand.DeleteSet _ -> false;
              case NftCommand.AddCounter _, NftCommand.DeleteCounter _ -> false;
              // A rule of a chain that existed comes with a flush.
              case NftCommand.AddRule _ -> false;
              default -> true;
            });
  }
}
