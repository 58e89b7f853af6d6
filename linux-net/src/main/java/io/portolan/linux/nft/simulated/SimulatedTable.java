package io.portolan.linux.nft.simulated;

import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftCommand;
import io.portolan.linux.nft.NftCount;
import io.portolan.linux.nft.NftCounter;
import io.portolan.linux.nft.NftData;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftListing;
import io.portolan.linux.nft.NftListing.ListedChain;
import io.portolan.linux.nft.NftListing.ListedCounter;
import io.portolan.linux.nft.NftListing.ListedRule;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftVerdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One table: chains with rules, sets with elements, counters. All by name, so that the same state
 * reads the same whatever its history.
 */
final class SimulatedTable {
  /** NFT_JUMP_STACK_SIZE of the kernel's nf_tables.h. */
  private static final int JUMP_STACK = 16;

  private final NftTable table;
  private final Map<String, Chain> chains = new TreeMap<>();
  private final Map<String, SimulatedSet> sets = new TreeMap<>();
  private final Map<String, NftCounter> counters = new TreeMap<>();
  private long nextHandle = 1;

  /** A chain; its rules change in place. */
  private record Chain(NftChain chain, List<ListedRule> rules) {}

  SimulatedTable(NftTable table) {
    this.table = table;
  }

  void apply(NftCommand command, UndoLog undo) {
    switch (command) {
      case NftCommand.AddChain c -> addChain(c.chain(), undo);
      case NftCommand.FlushChain c -> flush(chain(c.chain()), undo);
      case NftCommand.DeleteChain c -> deleteChain(c.chain(), undo);
      case NftCommand.DestroyChain c -> {
        addChain(NftChain.regular(c.chain()), undo);
        flush(chain(c.chain()), undo);
        deleteChain(c.chain(), undo);
      }
      case NftCommand.AddSet c -> addSet(c.set(), undo);
      case NftCommand.FlushSet c -> changeable(c.set()).flush(undo);
      case NftCommand.DeleteSet c -> {
        set(c.set());
        if (rules().flatMap(References::sets).anyMatch(use -> use.set().equals(c.set()))) {
          throw Refusal.busy("a rule uses set " + c.set());
        }
        undo.remove(sets, c.set());
      }
      case NftCommand.AddElements c -> addElements(c.set(), c.elements(), false, undo);
      case NftCommand.CreateElements c -> addElements(c.set(), c.elements(), true, undo);
      case NftCommand.DeleteElements c -> {
        SimulatedSet set = changeable(c.set().name());
        c.elements().forEach(element -> set.remove(element, undo));
      }
      case NftCommand.AddRule c -> {
        List<ListedRule> rules = chain(c.chain()).rules();
        insert(rules, rules.size(), c.rule(), undo);
      }
      case NftCommand.InsertRule c -> insert(chain(c.chain()).rules(), 0, c.rule(), undo);
      case NftCommand.AddRuleAfter c -> {
        List<ListedRule> rules = chain(c.chain()).rules();
        insert(rules, position(rules, c.handle()) + 1, c.rule(), undo);
      }
      case NftCommand.InsertRuleBefore c -> {
        List<ListedRule> rules = chain(c.chain()).rules();
        insert(rules, position(rules, c.handle()), c.rule(), undo);
      }
      case NftCommand.ReplaceRule c -> {
        List<ListedRule> rules = chain(c.chain()).rules();
        int at = position(rules, c.handle());
        insert(rules, at + 1, c.rule(), undo);
        undo.change(rules, () -> rules.remove(at));
      }
      case NftCommand.DeleteRule c -> {
        List<ListedRule> rules = chain(c.chain()).rules();
        int at = position(rules, c.handle());
        undo.change(rules, () -> rules.remove(at));
      }
      case NftCommand.AddCounter c -> {
        if (!counters.containsKey(c.counter().name())) {
          undo.put(counters, c.counter().name(), c.counter());
        }
      }
      case NftCommand.DeleteCounter c -> {
        if (!counters.containsKey(c.counter())) {
          throw Refusal.absent("counter");
        }
        if (rules().flatMap(References::counters).anyMatch(c.counter()::equals)) {
          throw Refusal.busy("a rule counts into " + c.counter());
        }
        undo.remove(counters, c.counter());
      }
      case NftCommand.AddTable _, NftCommand.DeleteTable _, NftCommand.DestroyTable _ ->
          throw new IllegalStateException("tables are not inside tables");
    }
  }

  private void addChain(NftChain chain, UndoLog undo) {
    Optional<Chain> old = Optional.ofNullable(chains.get(chain.name()));
    if (old.isEmpty()) {
      undo.put(chains, chain.name(), new Chain(chain, new ArrayList<>()));
      return;
    }
    if (chain.base().isEmpty()) {
      return;
    }
    NftChain.Base wanted = chain.base().get();
    NftChain.Base is =
        old.get().chain().base().orElseThrow(() -> Refusal.exists("the chain is a regular one"));
    if (wanted.type() != is.type()
        || wanted.hook() != is.hook()
        || wanted.priority() != is.priority()) {
      throw new Refusal(Refusal.EOPNOTSUPP, "EOPNOTSUPP: the chain hangs elsewhere");
    }
    NftChain changed = new NftChain(chain.name(), Optional.of(wanted), old.get().chain().comment());
    undo.put(chains, chain.name(), new Chain(changed, old.get().rules()));
  }

  private static void flush(Chain chain, UndoLog undo) {
    undo.change(chain.rules(), chain.rules()::clear);
  }

  private void deleteChain(String name, UndoLog undo) {
    if (!chain(name).rules().isEmpty()) {
      throw Refusal.busy("chain " + name + " has rules");
    }
    Stream<String> targets =
        Stream.concat(
            rules().flatMap(References::targets),
            sets.values().stream().flatMap(SimulatedSet::targets));
    if (targets.anyMatch(name::equals)) {
      throw Refusal.busy("something jumps to chain " + name);
    }
    undo.remove(chains, name);
  }

  private void addSet(NftSet set, UndoLog undo) {
    Optional<SimulatedSet> old = Optional.ofNullable(sets.get(set.name()));
    if (old.isEmpty()) {
      undo.put(sets, set.name(), new SimulatedSet(set));
      return;
    }
    NftSet is = old.get().set();
    if (!is.key().equals(set.key())
        || !is.data().equals(set.data())
        || !is.flags().equals(set.flags())
        || is.counters() != set.counters()) {
      throw Refusal.exists("set " + set.name() + " has another shape");
    }
  }

  private void addElements(
      NftSet declared, List<NftElement> elements, boolean exclusive, UndoLog undo) {
    SimulatedSet set = changeable(declared.name());
    if (!set.set().key().equals(declared.key()) || !set.set().data().equals(declared.data())) {
      throw new Refusal(
          Refusal.EINVAL, "EINVAL: set " + declared.name() + " is of type " + set.set().typeText());
    }
    for (NftElement element : elements) {
      element.data().ifPresent(this::checkTarget);
      set.add(element, exclusive, undo);
    }
  }

  private void insert(List<ListedRule> rules, int at, NftRule rule, UndoLog undo) {
    References.targets(rule).forEach(this::checkTarget);
    References.sets(rule).forEach(this::checkUse);
    References.counters(rule)
        .filter(counter -> !counters.containsKey(counter))
        .forEach(counter -> {
          throw Refusal.absent("counter " + counter);
        });
    ListedRule listed = new ListedRule(nextHandle++, rule);
    undo.change(rules, () -> rules.add(at, listed));
  }

  private void checkTarget(NftData data) {
    if (data instanceof NftVerdict verdict) {
      References.target(verdict).ifPresent(this::checkTarget);
    }
  }

  private void checkTarget(String chain) {
    if (chain(chain).chain().base().isPresent()) {
      throw new Refusal(Refusal.EOPNOTSUPP, "EOPNOTSUPP: " + chain + " is a base chain");
    }
  }

  private void checkUse(References.SetUse use) {
    NftSet set = set(use.set()).set();
    int wanted = use.key().stream().mapToInt(field -> field.type().paddedLength()).sum();
    int has = set.key().stream().mapToInt(NftType::paddedLength).sum();
    if (wanted != has || !set.data().equals(use.result())) {
      throw new Refusal(
          Refusal.EINVAL, "EINVAL: set " + set.name() + " is of type " + set.typeText());
    }
  }

  private Chain chain(String name) {
    return Optional.ofNullable(chains.get(name)).orElseThrow(() -> Refusal.absent("chain " + name));
  }

  private SimulatedSet set(String name) {
    return Optional.ofNullable(sets.get(name)).orElseThrow(() -> Refusal.absent("set " + name));
  }

  /** The set, unless it is constant and a rule uses it. */
  private SimulatedSet changeable(String name) {
    SimulatedSet set = set(name);
    if (set.set().flags().contains(NftSet.Flag.CONSTANT)
        && rules().flatMap(References::sets).anyMatch(use -> use.set().equals(name))) {
      throw Refusal.busy("set " + name + " is constant and in use");
    }
    return set;
  }

  private static int position(List<ListedRule> rules, long handle) {
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i).handle() == handle) {
        return i;
      }
    }
    throw Refusal.absent("rule");
  }

  private Stream<NftRule> rules() {
    return chains.values().stream().flatMap(chain -> chain.rules().stream()).map(ListedRule::rule);
  }

  /** Follows jumps from the base chains, as the kernel does before it commits. */
  void validate() {
    Map<String, Integer> depths = new HashMap<>();
    for (Chain chain : chains.values()) {
      if (chain.chain().base().isPresent()) {
        depth(chain, 0, depths);
      }
    }
  }

  /** Levels of jumps below a chain, each chain looked at once. */
  private int depth(Chain chain, int level, Map<String, Integer> depths) {
    Integer known = depths.get(chain.chain().name());
    int below = known == null ? 0 : known;
    if (level + below >= JUMP_STACK) {
      throw new Refusal(Refusal.EMLINK, "EMLINK: jumps nest deeper than " + JUMP_STACK + " chains");
    }
    if (known != null) {
      return known;
    }
    for (String target : targets(chain)) {
      below = Math.max(below, 1 + depth(chain(target), level + 1, depths));
    }
    depths.put(chain.chain().name(), below);
    return below;
  }

  private List<String> targets(Chain chain) {
    return chain.rules().stream()
        .map(ListedRule::rule)
        .flatMap(rule ->
            Stream.concat(
                References.targets(rule),
                References.sets(rule).flatMap(use -> set(use.set()).targets())))
        .distinct()
        .toList();
  }

  NftListing listing() {
    return new NftListing(
        table,
        counters.values().stream().map(c -> new ListedCounter(c, NftCount.ZERO)).toList(),
        sets.values().stream().map(SimulatedSet::listing).toList(),
        chains.values().stream().map(c -> new ListedChain(c.chain(), c.rules())).toList(),
        List.of());
  }
}
