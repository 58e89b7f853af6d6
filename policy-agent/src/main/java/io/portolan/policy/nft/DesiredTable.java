package io.portolan.policy.nft;

import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftCounter;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftKeyPart;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.policy.nft.TableImage.ChainImage;
import io.portolan.policy.nft.TableImage.SetImage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the table should hold, and how that differs from what was last committed.
 *
 * <p>Every write remembers the committed state of just the object or element it touches, so a
 * change costs what it touches, and writes that cancel out leave nothing to do. A commit that
 * failed is not forgotten: until {@link #committed} is called the differences add up.
 *
 * <p>Not thread-safe: one thread owns it.
 */
public final class DesiredTable {
  private final TreeMap<String, ChainImage> chains = new TreeMap<>();
  private final TreeMap<String, Content> sets = new TreeMap<>();
  private final TreeMap<String, NftCounter> counters = new TreeMap<>();

  /** How many chains have a rule that may deny to new members of a set, by set. */
  private final Map<String, Integer> denying = new HashMap<>();

  private final Map<String, Optional<ChainImage>> chainsBefore = new HashMap<>();
  private final Map<String, Optional<NftSet>> setsBefore = new HashMap<>();
  private final Map<String, Optional<NftCounter>> countersBefore = new HashMap<>();
  private final Map<String, Map<List<NftKeyPart>, Optional<NftElement>>> elementsBefore =
      new HashMap<>();

  /** A set's elements, by key. */
  private record Content(NftSet set, Map<List<NftKeyPart>, NftElement> elements) {}

  /** Nothing, and nothing committed. */
  public DesiredTable() {}

  /** What a table was found to hold, as committed. */
  public DesiredTable(TableImage found) {
    chains.putAll(found.chains());
    counters.putAll(found.counters());
    found.chains().values().forEach(chain -> count(chain, 1));
    found
        .sets()
        .forEach(
            (name, set) -> sets.put(name, new Content(set.set(), new HashMap<>(set.elements()))));
  }

  /** Adds a chain or gives it other rules. */
  public void putChain(NftChain chain, List<NftRule> rules) {
    remember(chain.name());
    ChainImage image = new ChainImage(chain, rules);
    count(image, 1);
    Optional.ofNullable(chains.put(chain.name(), image)).ifPresent(old -> count(old, -1));
  }

  public void removeChain(String name) {
    remember(name);
    Optional.ofNullable(chains.remove(name)).ifPresent(old -> count(old, -1));
  }

  private void count(ChainImage chain, int change) {
    for (String set : DenyingSets.of(chain)) {
      denying.merge(set, change, (one, other) -> one + other == 0 ? null : one + other);
    }
  }

  /** Whether a new member of a set may deny what was allowed before. */
  public boolean isDenying(String set) {
    return denying.containsKey(set);
  }

  /** Adds a named counter; nothing happens if there is one of that name. */
  public void putCounter(NftCounter counter) {
    countersBefore.putIfAbsent(counter.name(), Optional.ofNullable(counters.get(counter.name())));
    counters.putIfAbsent(counter.name(), counter);
  }

  public void removeCounter(String name) {
    countersBefore.putIfAbsent(name, Optional.ofNullable(counters.get(name)));
    counters.remove(name);
  }

  /** Adds an empty set; the set must not exist. */
  public void putSet(NftSet set) {
    setsBefore.putIfAbsent(set.name(), Optional.empty());
    if (sets.put(set.name(), new Content(set, new HashMap<>())) != null) {
      throw new IllegalStateException("set " + set.name() + " is there already");
    }
  }

  public void removeSet(String name) {
    Content content = content(name);
    content.elements().forEach((key, element) -> remember(name, key, Optional.of(element)));
    setsBefore.putIfAbsent(name, Optional.of(content.set()));
    sets.remove(name);
  }

  /** Adds an element or gives it other data. */
  public void putElement(String set, NftElement element) {
    Content content = content(set);
    NftElement old = content.elements().put(element.key(), element);
    remember(set, element.key(), Optional.ofNullable(old));
  }

  /** Nothing happens if there is none of that key. */
  public void removeElement(String set, List<NftKeyPart> key) {
    NftElement old = content(set).elements().remove(key);
    if (old != null) {
      remember(set, key, Optional.of(old));
    }
  }

  public boolean hasChain(String name) {
    return chains.containsKey(name);
  }

  public Map<List<NftKeyPart>, NftElement> elements(String set) {
    return content(set).elements();
  }

  /** Everything; a view that the next write changes. */
  public TableImage image() {
    TreeMap<String, SetImage> images = new TreeMap<>();
    sets.forEach(
        (name, content) -> images.put(name, new SetImage(content.set(), content.elements())));
    return new TableImage(chains, images, counters);
  }

  /**
   * Whether what changed since the last commit may deny what was allowed before: anything but new
   * sets and chains and new members of sets that only allow.
   */
  public boolean mayDeny() {
    return chainsBefore.entrySet().stream()
            .anyMatch(e -> mayDeny(e.getValue(), Optional.ofNullable(chains.get(e.getKey()))))
        || setsBefore.entrySet().stream()
            .anyMatch(e -> e.getValue().isPresent() && !sets.containsKey(e.getKey()))
        || elementsBefore.entrySet().stream()
            .anyMatch(e -> mayDeny(sets.get(e.getKey()), e.getValue()));
  }

  /** A new chain denies nothing until something leads there, unless packets do by themselves. */
  private static boolean mayDeny(Optional<ChainImage> before, Optional<ChainImage> now) {
    return !before.equals(now)
        && (before.isPresent()
            || now.filter(chain -> HostHooks.isOne(chain.chain().name())).isPresent());
  }

  private boolean mayDeny(
      @Nullable Content content, Map<List<NftKeyPart>, Optional<NftElement>> before) {
    if (content == null) {
      return true;
    }
    for (Map.Entry<List<NftKeyPart>, Optional<NftElement>> entry : before.entrySet()) {
      NftElement now = content.elements().get(entry.getKey());
      Optional<NftElement> old = entry.getValue();
      boolean same = old.isPresent() ? old.get().equals(now) : now == null;
      boolean addingDenies = content.set().isMap() || isDenying(content.set().name());
      if (!same && (addingDenies || old.isPresent())) {
        return true;
      }
    }
    return false;
  }

  /** What turns the last committed state into this one. */
  public NftTransaction pending(NftTable table) {
    return TableDiff.between(table, before(), after());
  }

  /** The kernel now holds what {@link #pending} or {@link #image} described. */
  public void committed() {
    chainsBefore.clear();
    setsBefore.clear();
    countersBefore.clear();
    elementsBefore.clear();
  }

  private TableImage before() {
    TreeMap<String, ChainImage> oldChains = new TreeMap<>();
    chainsBefore.forEach((name, old) -> old.ifPresent(chain -> oldChains.put(name, chain)));
    TreeMap<String, SetImage> oldSets = new TreeMap<>();
    setsBefore.forEach(
        (name, old) -> old.ifPresent(set -> oldSets.put(name, new SetImage(set, old(name)))));
    elementsBefore.forEach((name, _) -> {
      // A set without an entry of its own has only had elements changed: it is on both sides.
      if (!setsBefore.containsKey(name)) {
        oldSets.put(name, new SetImage(content(name).set(), old(name)));
      }
    });
    TreeMap<String, NftCounter> oldCounters = new TreeMap<>();
    countersBefore.forEach((name, old) -> old.ifPresent(counter -> oldCounters.put(name, counter)));
    return new TableImage(oldChains, oldSets, oldCounters);
  }

  private TableImage after() {
    TreeMap<String, ChainImage> newChains = new TreeMap<>();
    chainsBefore
        .keySet()
        .forEach(
            name -> Optional.ofNullable(chains.get(name)).ifPresent(c -> newChains.put(name, c)));
    TreeMap<String, SetImage> newSets = new TreeMap<>();
    setsBefore
        .keySet()
        .forEach(name ->
            Optional.ofNullable(sets.get(name))
                .ifPresent(c -> newSets.put(name, new SetImage(c.set(), c.elements()))));
    elementsBefore.forEach((name, touched) -> {
      Content content = sets.get(name);
      if (content != null && !setsBefore.containsKey(name)) {
        Map<List<NftKeyPart>, NftElement> now = new HashMap<>();
        touched
            .keySet()
            .forEach(key ->
                Optional.ofNullable(content.elements().get(key))
                    .ifPresent(element -> now.put(key, element)));
        newSets.put(name, new SetImage(content.set(), now));
      }
    });
    TreeMap<String, NftCounter> newCounters = new TreeMap<>();
    countersBefore
        .keySet()
        .forEach(name ->
            Optional.ofNullable(counters.get(name)).ifPresent(c -> newCounters.put(name, c)));
    return new TableImage(newChains, newSets, newCounters);
  }

  private Map<List<NftKeyPart>, NftElement> old(String set) {
    Map<List<NftKeyPart>, NftElement> old = new HashMap<>();
    elementsBefore
        .getOrDefault(set, Map.of())
        .forEach((key, element) -> element.ifPresent(e -> old.put(key, e)));
    return old;
  }

  private void remember(String chain) {
    chainsBefore.putIfAbsent(chain, Optional.ofNullable(chains.get(chain)));
  }

  private void remember(String set, List<NftKeyPart> key, Optional<NftElement> old) {
    // The elements of a set that is new since the last commit are new as a whole.
    boolean isNew = setsBefore.containsKey(set) && setsBefore.get(set).isEmpty();
    if (!isNew) {
      elementsBefore.computeIfAbsent(set, _ -> new HashMap<>()).putIfAbsent(key, old);
    }
  }

  private Content content(String set) {
    Content content = sets.get(set);
    if (content == null) {
      throw new IllegalStateException("there is no set " + set);
    }
    return content;
  }
}
