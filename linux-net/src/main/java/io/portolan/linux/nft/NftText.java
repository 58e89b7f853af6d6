package io.portolan.linux.nft;

import io.portolan.linux.nft.NftCommand.AddChain;
import io.portolan.linux.nft.NftCommand.AddCounter;
import io.portolan.linux.nft.NftCommand.AddElements;
import io.portolan.linux.nft.NftCommand.AddRule;
import io.portolan.linux.nft.NftCommand.AddRuleAfter;
import io.portolan.linux.nft.NftCommand.AddSet;
import io.portolan.linux.nft.NftCommand.AddTable;
import io.portolan.linux.nft.NftCommand.CreateElements;
import io.portolan.linux.nft.NftCommand.DeleteChain;
import io.portolan.linux.nft.NftCommand.DeleteCounter;
import io.portolan.linux.nft.NftCommand.DeleteElements;
import io.portolan.linux.nft.NftCommand.DeleteRule;
import io.portolan.linux.nft.NftCommand.DeleteSet;
import io.portolan.linux.nft.NftCommand.DeleteTable;
import io.portolan.linux.nft.NftCommand.DestroyChain;
import io.portolan.linux.nft.NftCommand.DestroyTable;
import io.portolan.linux.nft.NftCommand.FlushChain;
import io.portolan.linux.nft.NftCommand.FlushSet;
import io.portolan.linux.nft.NftCommand.InsertRule;
import io.portolan.linux.nft.NftCommand.InsertRuleBefore;
import io.portolan.linux.nft.NftCommand.ReplaceRule;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Transactions and objects as nft script, for tests and for people.
 *
 * <p>{@code nft -c -f} accepts what is written here, and {@code nft list} prints it the same way.
 */
public final class NftText {
  private NftText() {}

  /** One command per line, in order. */
  public static String script(NftTransaction transaction) {
    return transaction.commands().stream()
        .map(command -> command(transaction.table(), command) + "\n")
        .collect(Collectors.joining());
  }

  /** One command, without the line's end; the destroy commands are two lines. */
  public static String command(NftTable table, NftCommand command) {
    String id = table.id();
    return switch (command) {
      case AddTable _ -> addTable(table);
      case DeleteTable _ -> "delete table " + id;
      case DestroyTable _ -> "add table " + id + "\ndelete table " + id;
      case AddChain c ->
          "add chain " + id + " " + c.chain().name() + chainBody(table.family(), c.chain());
      case FlushChain c -> "flush chain " + id + " " + c.chain();
      case DeleteChain c -> "delete chain " + id + " " + c.chain();
      case DestroyChain c ->
          "add chain "
              + id
              + " "
              + c.chain()
              + "\nflush chain "
              + id
              + " "
              + c.chain()
              + "\ndelete chain "
              + id
              + " "
              + c.chain();
      case AddSet c -> "add " + kind(c.set()) + " " + id + " " + c.set().name() + setBody(c.set());
      case FlushSet c -> "flush set " + id + " " + c.set();
      case DeleteSet c -> "delete set " + id + " " + c.set();
      case AddElements c -> elements("add", id, c.set(), c.elements());
      case CreateElements c -> elements("create", id, c.set(), c.elements());
      case DeleteElements c ->
          elements("delete", id, c.set(), c.elements().stream().map(NftElement::keyOnly).toList());
      case AddRule c -> "add rule " + id + " " + c.chain() + " " + rule(c.rule());
      case InsertRule c -> "insert rule " + id + " " + c.chain() + " " + rule(c.rule());
      case AddRuleAfter c ->
          "add rule " + id + " " + c.chain() + " handle " + c.handle() + " " + rule(c.rule());
      case InsertRuleBefore c ->
          "insert rule " + id + " " + c.chain() + " handle " + c.handle() + " " + rule(c.rule());
      case ReplaceRule c ->
          "replace rule " + id + " " + c.chain() + " handle " + c.handle() + " " + rule(c.rule());
      case DeleteRule c -> "delete rule " + id + " " + c.chain() + " handle " + c.handle();
      case AddCounter c ->
          "add counter "
              + id
              + " "
              + c.counter().name()
              + c.counter().comment().map(text -> " { comment \"" + text + "\" ; }").orElse("");
      case DeleteCounter c -> "delete counter " + id + " " + c.counter();
    };
  }

  /** {@code ip saddr @peers accept comment "…"}. */
  public static String rule(NftRule rule) {
    return rule.statements().stream().map(NftRuleText::of).collect(Collectors.joining(" "))
        + comment(rule.comment());
  }

  /** {@code 10.0.0.1 . tcp . 80 comment "…" : accept}. */
  public static String element(NftElement element) {
    return key(element)
        + element.timeout().map(timeout -> " timeout " + NftDurationText.of(timeout)).orElse("")
        + comment(element.comment())
        + element.data().map(data -> " : " + data).orElse("");
  }

  static String key(NftElement element) {
    return element.key().stream().map(NftKeyPart::toString).collect(Collectors.joining(" . "));
  }

  static String comment(Optional<String> comment) {
    return comment.map(text -> " comment \"" + text + '"').orElse("");
  }

  static String kind(NftSet set) {
    return set.isMap() ? "map" : "set";
  }

  /** {@code type filter hook forward priority filter; policy drop;}. */
  static String base(NftFamily family, NftChain.Base base) {
    return "type "
        + base.type().text()
        + " hook "
        + base.hook().text()
        + " priority "
        + NftPriorityText.of(family, base)
        + "; policy "
        + base.policy().text()
        + ";";
  }

  private static String addTable(NftTable table) {
    return "add table "
        + table.id()
        + table.comment().map(text -> " { comment \"" + text + "\" ; }").orElse("");
  }

  private static String chainBody(NftFamily family, NftChain chain) {
    String body =
        chain.base().map(base -> " " + base(family, base)).orElse("")
            + chain.comment().map(text -> " comment \"" + text + "\";").orElse("");
    return body.isEmpty() ? "" : " {" + body + " }";
  }

  private static String setBody(NftSet set) {
    StringBuilder out = new StringBuilder(" { type ").append(set.typeText()).append(";");
    if (!set.flags().isEmpty()) {
      out.append(" flags ").append(flags(set)).append(";");
    }
    if (set.counters()) {
      out.append(" counter;");
    }
    set.timeout().ifPresent(t -> out.append(" timeout ").append(NftDurationText.of(t)).append(";"));
    set.comment().ifPresent(text -> out.append(" comment \"").append(text).append("\";"));
    return out.append(" }").toString();
  }

  static String flags(NftSet set) {
    return set.flags().stream().map(NftSet.Flag::text).collect(Collectors.joining(","));
  }

  private static String elements(String verb, String id, NftSet set, List<NftElement> elements) {
    return elements.stream()
        .map(NftText::element)
        .collect(
            Collectors.joining(", ", verb + " element " + id + " " + set.name() + " { ", " }"));
  }
}
