package io.portolan.linux.nft;

import io.portolan.linux.nft.NftListing.ListedChain;
import io.portolan.linux.nft.NftListing.ListedCounter;
import io.portolan.linux.nft.NftListing.ListedElement;
import io.portolan.linux.nft.NftListing.ListedSet;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The layout of {@code nft list table}, except that every element has its own line. */
final class NftListingText {
  private NftListingText() {}

  static String table(NftTable table, List<String> blocks) {
    String comment = table.comment().map(text -> "\tcomment \"" + text + "\"\n").orElse("");
    return "table " + table.id() + " {\n" + comment + String.join("\n", blocks) + "}\n";
  }

  static String counter(ListedCounter listed) {
    List<String> lines = new ArrayList<>();
    listed.counter().comment().ifPresent(text -> lines.add("comment \"" + text + "\""));
    lines.add("packets " + listed.count().packets() + " bytes " + listed.count().bytes());
    return block("counter " + listed.counter().name(), lines);
  }

  static String set(ListedSet listed) {
    NftSet set = listed.set();
    List<String> lines = new ArrayList<>();
    lines.add("type " + set.typeText());
    // A default timeout says it already, and nft does not say it twice.
    String flags =
        set.flags().stream()
            .filter(flag -> flag != NftSet.Flag.TIMEOUT || set.timeout().isEmpty())
            .map(NftSet.Flag::text)
            .collect(Collectors.joining(","));
    if (!flags.isEmpty()) {
      lines.add("flags " + flags);
    }
    if (set.counters()) {
      lines.add("counter");
    }
    set.timeout().ifPresent(timeout -> lines.add("timeout " + NftDurationText.of(timeout)));
    set.comment().ifPresent(text -> lines.add("comment \"" + text + "\""));
    if (!listed.elements().isEmpty()) {
      lines.add(
          listed.elements().stream()
              .map(NftListingText::element)
              .collect(Collectors.joining(",\n\t\t\t     ", "elements = { ", " }")));
    }
    return block(NftText.kind(set) + " " + set.name(), lines);
  }

  static String element(ListedElement listed) {
    NftElement element = listed.element();
    return NftText.key(element)
        + listed
            .count()
            .map(count -> " counter packets " + count.packets() + " bytes " + count.bytes())
            .orElse("")
        + element.timeout().map(timeout -> " timeout " + NftDurationText.of(timeout)).orElse("")
        + listed.expires().map(left -> " expires " + NftDurationText.of(left)).orElse("")
        + NftText.comment(element.comment())
        + element.data().map(data -> " : " + data).orElse("");
  }

  static String chain(NftFamily family, ListedChain listed) {
    List<String> lines = new ArrayList<>();
    listed.chain().comment().ifPresent(text -> lines.add("comment \"" + text + "\""));
    listed.chain().base().ifPresent(base -> lines.add(NftText.base(family, base)));
    listed.rules().forEach(rule -> lines.add(NftText.rule(rule.rule())));
    return block("chain " + listed.chain().name(), lines);
  }

  private static String block(String head, List<String> lines) {
    return "\t"
        + head
        + " {\n"
        + lines.stream().map(line -> "\t\t" + line + "\n").collect(Collectors.joining())
        + "\t}\n";
  }
}
