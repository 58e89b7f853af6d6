package io.portolan.policy.compile;

import io.portolan.common.net.Cidr;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Blocks of one family, any of them several times and inside each other, as the disjoint blocks
 * that an interval set takes.
 *
 * <p>ALGORITHM: two blocks either are disjoint or one holds the other, so the disjoint form is the
 * blocks that no other one holds. In the order of {@link Cidr} a block comes right before what it
 * holds. Adding a block hides what it holds; taking one away shows what it alone had hidden.
 */
final class CountedBlocks {
  private final TreeMap<Cidr, Integer> members = new TreeMap<>();
  private final TreeSet<Cidr> shown = new TreeSet<>();
  private final Consumer<Cidr> show;
  private final Consumer<Cidr> hide;

  /**
   * @param show called with a block that is shown now
   * @param hide called with a block that is shown no more
   */
  CountedBlocks(Consumer<Cidr> show, Consumer<Cidr> hide) {
    this.show = show;
    this.hide = hide;
  }

  void add(Cidr block) {
    if (members.merge(block, 1, Integer::sum) > 1) {
      return;
    }
    Cidr before = shown.floor(block);
    if (before != null && before.contains(block)) {
      return;
    }
    Cidr inside = shown.higher(block);
    while (inside != null && block.contains(inside)) {
      shown.remove(inside);
      hide.accept(inside);
      inside = shown.higher(inside);
    }
    shown.add(block);
    show.accept(block);
  }

  /** Takes away what {@link #add} brought; once for each time. */
  void remove(Cidr block) {
    Integer left = members.computeIfPresent(block, (_, count) -> count == 1 ? null : count - 1);
    if (left != null || !shown.remove(block)) {
      return;
    }
    hide.accept(block);
    Map.Entry<Cidr, Integer> next = members.higherEntry(block);
    while (next != null && block.contains(next.getKey())) {
      Cidr inside = next.getKey();
      shown.add(inside);
      show.accept(inside);
      // What it holds stays hidden.
      next = members.higherEntry(last(inside));
    }
  }

  /** The last possible member of a block in the order of blocks. */
  private static Cidr last(Cidr block) {
    return new Cidr(block.last(), block.family().bits());
  }
}
