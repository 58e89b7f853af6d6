package io.portolan.linux.nft;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A table as it was read back.
 *
 * @param foreign what is in the table and not of a kind this library writes, in words; somebody
 *     else put it there
 */
public record NftListing(
    NftTable table,
    List<ListedCounter> counters,
    List<ListedSet> sets,
    List<ListedChain> chains,
    List<String> foreign) {
  public NftListing {
    counters = List.copyOf(counters);
    sets = List.copyOf(sets);
    chains = List.copyOf(chains);
    foreign = List.copyOf(foreign);
  }

  public record ListedCounter(NftCounter counter, NftCount count) {}

  public record ListedSet(NftSet set, List<ListedElement> elements) {
    public ListedSet {
      elements = List.copyOf(elements);
    }
  }

  /**
   * @param expires what is left of the element's life
   * @param count in sets that count
   */
  public record ListedElement(
      NftElement element, Optional<Duration> expires, Optional<NftCount> count) {}

  public record ListedChain(NftChain chain, List<ListedRule> rules) {
    public ListedChain {
      rules = List.copyOf(rules);
    }
  }

  /**
   * @param handle the kernel's name for the rule, never used twice in a table
   */
  public record ListedRule(long handle, NftRule rule) {}

  public Optional<ListedChain> chain(String name) {
    return chains.stream().filter(chain -> chain.chain().name().equals(name)).findFirst();
  }

  public Optional<ListedSet> set(String name) {
    return sets.stream().filter(set -> set.set().name().equals(name)).findFirst();
  }

  public Optional<ListedCounter> counter(String name) {
    return counters.stream().filter(c -> c.counter().name().equals(name)).findFirst();
  }

  /** As {@code nft list table} prints it, one line per element. */
  @Override
  public String toString() {
    List<String> blocks = new ArrayList<>();
    counters.forEach(counter -> blocks.add(NftListingText.counter(counter)));
    sets.forEach(set -> blocks.add(NftListingText.set(set)));
    chains.forEach(chain -> blocks.add(NftListingText.chain(table.family(), chain)));
    return NftListingText.table(table, blocks);
  }
}
