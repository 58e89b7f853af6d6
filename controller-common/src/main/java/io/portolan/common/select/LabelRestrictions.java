package io.portolan.common.select;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What labels must be like, whatever else, for a selector to match: what an index files it under.
 * Necessary, not sufficient.
 *
 * @param satisfiable false if it is plain that nothing ever matches; no label is restricted then
 * @param byLabel labels that must be there, with what their values must be
 */
public record LabelRestrictions(boolean satisfiable, SortedMap<String, Restriction> byLabel) {
  private static final LabelRestrictions NEVER = new LabelRestrictions(false, new TreeMap<>());

  public LabelRestrictions {
    byLabel = Collections.unmodifiableSortedMap(new TreeMap<>(byLabel));
  }

  /** On a label that must be there. */
  public sealed interface Restriction {
    /** With whatever value. */
    record Present() implements Restriction {}

    /** With one of these values; at least one. */
    record OneOf(NavigableSet<String> values) implements Restriction {
      public OneOf {
        values = Collections.unmodifiableNavigableSet(values);
      }
    }
  }

  public static LabelRestrictions of(Selector selector) {
    return switch (selector) {
      case Selector.All _, Selector.Not _ -> new LabelRestrictions(true, new TreeMap<>());
      case Selector.None _ -> NEVER;
      case Selector.Has has -> on(has.key(), new Restriction.Present());
      case Selector.Part part -> on(part.key(), new Restriction.Present());
      case Selector.In in -> on(in.key(), new Restriction.OneOf(in.values()));
      case Selector.And and -> every(and.operands());
      case Selector.Or or -> any(or.operands());
    };
  }

  /**
   * The label to file under: the one with the fewest values to choose from, else one that must be
   * there; empty if none must.
   */
  public Optional<Map.Entry<String, Restriction>> anchor() {
    return byLabel.entrySet().stream()
        .min((a, b) ->
            switch (a.getValue()) {
              case Restriction.OneOf(var as) ->
                  switch (b.getValue()) {
                    case Restriction.OneOf(var bs) -> Integer.compare(as.size(), bs.size());
                    case Restriction.Present() -> -1;
                  };
              case Restriction.Present() -> b.getValue() instanceof Restriction.OneOf ? 1 : 0;
            });
  }

  private static LabelRestrictions on(String label, Restriction restriction) {
    return new LabelRestrictions(true, new TreeMap<>(Map.of(label, restriction)));
  }

  private static LabelRestrictions every(List<Selector> operands) {
    SortedMap<String, Restriction> all = new TreeMap<>();
    for (Selector operand : operands) {
      LabelRestrictions one = of(operand);
      if (!one.satisfiable()) {
        return NEVER;
      }
      for (Map.Entry<String, Restriction> entry : one.byLabel().entrySet()) {
        Restriction both = all.merge(entry.getKey(), entry.getValue(), LabelRestrictions::both);
        if (both instanceof Restriction.OneOf(var values) && values.isEmpty()) {
          return NEVER;
        }
      }
    }
    return new LabelRestrictions(true, all);
  }

  private static Restriction both(Restriction a, Restriction b) {
    if (a instanceof Restriction.OneOf(var as) && b instanceof Restriction.OneOf(var bs)) {
      NavigableSet<String> common = new TreeSet<>(as.size() < bs.size() ? as : bs);
      common.retainAll(as.size() < bs.size() ? bs : as);
      return new Restriction.OneOf(common);
    }
    return a instanceof Restriction.OneOf ? a : b;
  }

  private static LabelRestrictions any(List<Selector> operands) {
    List<LabelRestrictions> possible = new ArrayList<>();
    for (Selector operand : operands) {
      LabelRestrictions one = of(operand);
      if (one.satisfiable()) {
        possible.add(one);
      }
    }
    if (possible.isEmpty()) {
      return NEVER;
    }
    SortedMap<String, Restriction> common = new TreeMap<>();
    for (String label : possible.getFirst().byLabel().keySet()) {
      either(label, possible).ifPresent(restriction -> common.put(label, restriction));
    }
    return new LabelRestrictions(true, common);
  }

  private static Optional<Restriction> either(String label, List<LabelRestrictions> possible) {
    NavigableSet<String> values = new TreeSet<>();
    boolean anyValue = false;
    for (LabelRestrictions one : possible) {
      switch (one.byLabel().get(label)) {
        case null -> {
          return Optional.empty();
        }
        case Restriction.Present() -> anyValue = true;
        case Restriction.OneOf(var some) -> values.addAll(some);
      }
    }
    return Optional.of(anyValue ? new Restriction.Present() : new Restriction.OneOf(values));
  }
}
