package io.portolan.policy.nft;

import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftCounter;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftKeyPart;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Chains, sets and named counters of one table, or those of them that matter to a change.
 *
 * @param chains by name
 * @param sets by name
 * @param counters by name; what they have counted is no part of an image
 */
public record TableImage(
    SortedMap<String, ChainImage> chains,
    SortedMap<String, SetImage> sets,
    SortedMap<String, NftCounter> counters) {
  public static final TableImage EMPTY =
      new TableImage(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());

  public TableImage {
    counters = Collections.unmodifiableSortedMap(new TreeMap<>(counters));
    chains = Collections.unmodifiableSortedMap(new TreeMap<>(chains));
    sets = Collections.unmodifiableSortedMap(new TreeMap<>(sets));
  }

  /** A chain and its rules in order. */
  public record ChainImage(NftChain chain, List<NftRule> rules) {
    public ChainImage {
      rules = List.copyOf(rules);
    }
  }

  /**
   * A set or map and its elements by key. The map of elements is shared, not copied: an image is
   * read before the table it was taken from changes again.
   */
  public record SetImage(NftSet set, Map<List<NftKeyPart>, NftElement> elements) {
    public SetImage {
      elements = Collections.unmodifiableMap(elements);
    }
  }
}
