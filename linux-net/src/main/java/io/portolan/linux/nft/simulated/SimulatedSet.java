package io.portolan.linux.nft.simulated;

import io.portolan.linux.nft.NftCount;
import io.portolan.linux.nft.NftData;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftInterval;
import io.portolan.linux.nft.NftKeyPart;
import io.portolan.linux.nft.NftListing.ListedElement;
import io.portolan.linux.nft.NftListing.ListedSet;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftVerdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A set and its elements, ordered by key. */
final class SimulatedSet {
  /** By first values, then last values: elements of one set have equally many parts. */
  private static final Comparator<List<NftKeyPart>> BY_KEY =
      (a, b) -> {
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
          int order = a.get(i).from().compareTo(b.get(i).from());
          if (order != 0) {
            return order;
          }
        }
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
          int order = a.get(i).to().compareTo(b.get(i).to());
          if (order != 0) {
            return order;
          }
        }
        return 0;
      };

  private final NftSet set;
  private final NavigableMap<List<NftKeyPart>, NftElement> elements = new TreeMap<>(BY_KEY);

  SimulatedSet(NftSet set) {
    this.set = set;
  }

  NftSet set() {
    return set;
  }

  void add(NftElement element, boolean exclusive, UndoLog undo) {
    Optional<NftElement> same = Optional.ofNullable(elements.get(element.key()));
    if (same.isPresent()) {
      if (exclusive || !same.get().data().equals(element.data())) {
        throw Refusal.exists("element " + same.get() + " exists");
      }
      return;
    }
    if (set.isInterval()) {
      overlapping(element)
          .ifPresent(other -> {
            throw Refusal.exists("element " + element + " overlaps " + other);
          });
    }
    undo.put(elements, element.key(), element);
  }

  /**
   * The kernel looks where the first and where the last value would be found; for single fields
   * that is any overlap, because it also sees what lies between.
   */
  private Optional<NftElement> overlapping(NftElement element) {
    if (set.key().size() == 1) {
      NftKeyPart part = element.key().getFirst();
      NftKeyPart last = NftInterval.of(part.to(), part.to());
      return Optional.ofNullable(elements.floorEntry(List.of(last)))
          .or(() -> Optional.ofNullable(elements.lowerEntry(List.of(part))))
          .map(java.util.Map.Entry::getValue)
          .filter(other -> other.key().getFirst().to().compareTo(part.from()) >= 0)
          .or(() -> startingIn(part));
    }
    return elements.values().stream()
        .filter(other -> contains(other, element, true) || contains(other, element, false))
        .findFirst();
  }

  private Optional<NftElement> startingIn(NftKeyPart part) {
    return Optional.ofNullable(elements.ceilingEntry(List.of(part.from())))
        .map(java.util.Map.Entry::getValue)
        .filter(other -> other.key().getFirst().from().compareTo(part.to()) <= 0);
  }

  private static boolean contains(NftElement outer, NftElement inner, boolean first) {
    for (int i = 0; i < outer.key().size(); i++) {
      NftKeyPart range = outer.key().get(i);
      var value = first ? inner.key().get(i).from() : inner.key().get(i).to();
      if (range.from().compareTo(value) > 0 || range.to().compareTo(value) < 0) {
        return false;
      }
    }
    return true;
  }

  void remove(NftElement element, UndoLog undo) {
    List<NftKeyPart> key = found(element).orElseThrow(() -> Refusal.absent("element")).key();
    undo.remove(elements, key);
  }

  /** Among ranged concatenations the kernel finds what is deleted by the first values alone. */
  private Optional<NftElement> found(NftElement element) {
    return set.isInterval() && set.isConcatenation()
        ? elements.values().stream().filter(other -> contains(other, element, true)).findFirst()
        : Optional.ofNullable(elements.get(element.key()));
  }

  void flush(UndoLog undo) {
    undo.clear(elements);
  }

  /** The chains that elements lead to. */
  Stream<String> targets() {
    return set.data().isEmpty()
        ? Stream.empty()
        : elements.values().stream()
            .flatMap(element -> element.data().stream().flatMap(this::target));
  }

  private Stream<String> target(NftData data) {
    return data instanceof NftVerdict verdict
        ? References.target(verdict).stream()
        : Stream.empty();
  }

  ListedSet listing() {
    List<ListedElement> listed = new ArrayList<>();
    Optional<NftCount> count = set.counters() ? Optional.of(NftCount.ZERO) : Optional.empty();
    for (NftElement element : elements.values()) {
      listed.add(new ListedElement(element, Optional.empty(), count));
    }
    return new ListedSet(set, listed);
  }
}
