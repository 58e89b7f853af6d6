package io.portolan.policy.nft;

import io.portolan.linux.nft.NftCommand;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftKeyPart;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.NftType;
import io.portolan.policy.nft.TableImage.ChainImage;
import io.portolan.policy.nft.TableImage.SetImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The transaction that turns one image of the table into another.
 *
 * <p>Order within it, each step needing the one before: new counters, new sets and their elements,
 * new chains, rules of new and changed chains, verdict map elements (their chains exist now),
 * removed verdict maps and then chains (nothing leads to them any more), removed sets and counters
 * (no rule uses them any more). The kernel applies all of it or nothing, so no packet meets
 * anything in between.
 */
public final class TableDiff {
  private static final Comparator<NftElement> BY_KEY =
      (a, b) -> {
        for (int i = 0; i < Math.min(a.key().size(), b.key().size()); i++) {
          int order = a.key().get(i).from().compareTo(b.key().get(i).from());
          if (order != 0) {
            return order;
          }
        }
        return Integer.compare(a.key().size(), b.key().size());
      };

  private final TableImage from;
  private final TableImage to;
  private final NftTransaction.Builder plan;

  private TableDiff(NftTable table, TableImage from, TableImage to) {
    this.from = from;
    this.to = to;
    this.plan = NftTransaction.on(table);
  }

  /** Empty if the images agree. */
  public static NftTransaction between(NftTable table, TableImage from, TableImage to) {
    return new TableDiff(table, from, to).plan();
  }

  /** From nothing, the table included; what an older table of that name held is gone with it. */
  public static NftTransaction rebuild(NftTable table, TableImage to) {
    return NftTransaction.on(table)
        .destroyTable()
        .addTable()
        .build()
        .then(between(table, TableImage.EMPTY, to));
  }

  /**
   * Whether {@link #between} can do it: an object that keeps its name must keep its shape, because
   * neither a set's type nor a chain's hook can be changed in place.
   */
  public static boolean reachable(TableImage from, TableImage to) {
    return to.sets().values().stream()
            .allMatch(set ->
                Optional.ofNullable(from.sets().get(set.set().name()))
                    .map(old -> old.set().equals(set.set()))
                    .orElse(true))
        && to.chains().values().stream()
            .allMatch(chain ->
                Optional.ofNullable(from.chains().get(chain.chain().name()))
                    .map(old -> old.chain().equals(chain.chain()))
                    .orElse(true));
  }

  private NftTransaction plan() {
    to.counters().values().stream()
        .filter(counter -> !from.counters().containsKey(counter.name()))
        .forEach(plan::addCounter);
    for (SetImage set : freshSets()) {
      plan.addSet(set.set());
      if (!isVerdictMap(set.set())) {
        changeElements(set);
      }
    }
    to.sets().values().stream()
        .filter(set -> !isFresh(set) && !isVerdictMap(set.set()))
        .forEach(this::changeElements);
    programChains();
    to.sets().values().stream()
        .filter(set -> isVerdictMap(set.set()))
        .forEach(this::changeElements);
    removeObsolete();
    return plan.build();
  }

  private boolean isFresh(SetImage set) {
    return !from.sets().containsKey(set.set().name());
  }

  /**
   * Those that most rules look into first. For each rule that names a set the kernel looks through
   * the table's sets by name, in the order they were made; with thousands of them most of a full
   * load is that.
   */
  private List<SetImage> freshSets() {
    List<SetImage> fresh = to.sets().values().stream().filter(this::isFresh).toList();
    if (fresh.size() < 2) {
      return fresh;
    }
    Map<String, Integer> rules = new HashMap<>();
    for (ChainImage chain : to.chains().values()) {
      for (NftRule rule : chain.rules()) {
        for (NftStatement statement : rule.statements()) {
          if (statement instanceof NftStatement.Lookup lookup) {
            rules.merge(lookup.set(), 1, Integer::sum);
          }
        }
      }
    }
    return fresh.stream()
        .sorted(
            Comparator.comparingInt((SetImage set) -> -rules.getOrDefault(set.set().name(), 0))
                .thenComparing(set -> set.set().name()))
        .toList();
  }

  private void changeElements(SetImage set) {
    SetImage old = from.sets().get(set.set().name());
    Map<List<NftKeyPart>, NftElement> before = old == null ? Map.of() : old.elements();
    List<NftElement> gone = new ArrayList<>();
    List<NftElement> fresh = new ArrayList<>();
    before.forEach((key, element) -> {
      if (!element.equals(set.elements().get(key))) {
        gone.add(element);
      }
    });
    set.elements()
        .forEach((key, element) -> {
          if (!element.equals(before.get(key))) {
            fresh.add(element);
          }
        });
    gone.sort(BY_KEY);
    fresh.sort(BY_KEY);
    plan.deleteElements(set.set(), gone).addElements(set.set(), fresh);
  }

  private void programChains() {
    List<ChainImage> changed = new ArrayList<>();
    for (ChainImage chain : to.chains().values()) {
      ChainImage old = from.chains().get(chain.chain().name());
      if (old == null) {
        plan.addChain(chain.chain());
        changed.add(chain);
      } else if (!uncounted(old.rules()).equals(uncounted(chain.rules()))) {
        changed.add(chain);
      }
    }
    for (ChainImage chain : changed) {
      String name = chain.chain().name();
      if (from.chains().containsKey(name)) {
        plan.flushChain(name);
      }
      chain.rules().forEach(rule -> plan.addRule(name, rule));
    }
  }

  private void removeObsolete() {
    TreeSet<String> chains = new TreeSet<>(from.chains().keySet());
    chains.removeAll(to.chains().keySet());
    // Flushed together first: one obsolete chain may jump to another.
    chains.forEach(plan::flushChain);
    TreeSet<String> sets = new TreeSet<>(from.sets().keySet());
    sets.removeAll(to.sets().keySet());
    Map<Boolean, List<String>> leading =
        sets.stream()
            .collect(
                Collectors.partitioningBy(
                    name -> isVerdictMap(Objects.requireNonNull(from.sets().get(name)).set())));
    // Before the chains that their elements lead to.
    Objects.requireNonNull(leading.get(true)).forEach(plan::deleteSet);
    chains.forEach(plan::deleteChain);
    Objects.requireNonNull(leading.get(false)).forEach(plan::deleteSet);
    TreeSet<String> counters = new TreeSet<>(from.counters().keySet());
    counters.removeAll(to.counters().keySet());
    counters.forEach(name -> plan.with(new NftCommand.DeleteCounter(name)));
  }

  /** Rules as they were programmed: what they counted since is no difference. */
  private static List<NftRule> uncounted(List<NftRule> rules) {
    return rules.stream()
        .map(rule ->
            new NftRule(
                rule.statements().stream()
                    .map(s -> s instanceof NftStatement.Counter ? NftStatement.counter() : s)
                    .toList(),
                rule.comment()))
        .toList();
  }

  private static boolean isVerdictMap(NftSet set) {
    return set.data().equals(Optional.of(NftType.VERDICT));
  }
}
