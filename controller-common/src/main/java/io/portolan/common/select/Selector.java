package io.portolan.common.select;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A condition on labels, from a Kubernetes selector or from a Calico expression alike. Equal
 * conditions written alike are equal values, and {@link #text()} is their one spelling: groups are
 * flattened, sorted and free of repetition. Different conditions never share a spelling, because
 * sets in the kernel are named after it.
 *
 * <p>The spelling is the selector language of Calico policy, which can express everything a
 * Kubernetes selector can, so that sets in the kernel read alike whatever kind of policy they come
 * from.
 */
public sealed interface Selector {
  Selector ALL = new All();
  Selector NONE = new None();

  boolean matches(Map<String, String> labels);

  /** The canonical spelling. */
  String text();

  /** Matches everything. */
  record All() implements Selector {
    @Override
    public boolean matches(Map<String, String> labels) {
      return true;
    }

    @Override
    public String text() {
      return "all()";
    }
  }

  /** Matches nothing. */
  record None() implements Selector {
    @Override
    public boolean matches(Map<String, String> labels) {
      return false;
    }

    @Override
    public String text() {
      return "!all()";
    }
  }

  /** The label exists, with whatever value. */
  record Has(String key) implements Selector {
    @Override
    public boolean matches(Map<String, String> labels) {
      return labels.containsKey(key);
    }

    @Override
    public String text() {
      return "has(" + key + ")";
    }
  }

  /**
   * The label exists and has one of the values.
   *
   * @param values at least one
   */
  record In(String key, NavigableSet<String> values) implements Selector {
    public In {
      values = java.util.Collections.unmodifiableNavigableSet(new TreeSet<>(values));
      if (values.isEmpty()) {
        throw new IllegalArgumentException("label " + key + ": name at least one value");
      }
    }

    @Override
    public boolean matches(Map<String, String> labels) {
      String value = labels.get(key);
      return value != null && values.contains(value);
    }

    @Override
    public String text() {
      return SelectorText.of(this);
    }
  }

  /** The label exists and its value contains a text in some place. */
  record Part(String key, Place place, String part) implements Selector {
    /** Where in the value. */
    public enum Place {
      ANYWHERE,
      START,
      END
    }

    @Override
    public boolean matches(Map<String, String> labels) {
      String value = labels.get(key);
      return value != null
          && switch (place) {
            case ANYWHERE -> value.contains(part);
            case START -> value.startsWith(part);
            case END -> value.endsWith(part);
          };
    }

    @Override
    public String text() {
      return SelectorText.of(this);
    }
  }

  /**
   * The operand does not match; an absent label therefore satisfies {@code Not(In)}.
   *
   * @param operand by custom a condition on one label: groups are negated by negating their parts
   */
  record Not(Selector operand) implements Selector {
    @Override
    public boolean matches(Map<String, String> labels) {
      return !operand.matches(labels);
    }

    @Override
    public String text() {
      return SelectorText.of(this);
    }
  }

  /**
   * All operands match.
   *
   * @param operands at least two, none of them a conjunction; {@link Selector#and} sees to it
   */
  record And(List<Selector> operands) implements Selector {
    public And {
      operands = List.copyOf(operands);
      if (operands.size() < 2) {
        throw new IllegalArgumentException("a conjunction has at least two operands");
      }
    }

    @Override
    public boolean matches(Map<String, String> labels) {
      for (Selector operand : operands) {
        if (!operand.matches(labels)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public String text() {
      return SelectorText.of(this);
    }
  }

  /**
   * Some operand matches.
   *
   * @param operands at least two, none of them a disjunction; {@link Selector#or} sees to it
   */
  record Or(List<Selector> operands) implements Selector {
    public Or {
      operands = List.copyOf(operands);
      if (operands.size() < 2) {
        throw new IllegalArgumentException("a disjunction has at least two operands");
      }
    }

    @Override
    public boolean matches(Map<String, String> labels) {
      for (Selector operand : operands) {
        if (operand.matches(labels)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public String text() {
      return SelectorText.of(this);
    }
  }

  static Selector in(String key, Collection<String> values) {
    return new In(key, new TreeSet<>(values));
  }

  static Selector notIn(String key, Collection<String> values) {
    return new Not(in(key, values));
  }

  /** The conjunction in canonical form; of nothing it is {@link #ALL}. */
  static Selector and(Collection<? extends Selector> operands) {
    List<Selector> flat =
        operands.stream()
            .<Selector>mapMulti((operand, flattened) -> {
              switch (operand) {
                case All _ -> {}
                case And and -> and.operands().forEach(flattened);
                case None _, Has _, In _, Part _, Not _, Or _ -> flattened.accept(operand);
              }
            })
            .toList();
    if (flat.contains(NONE)) {
      return NONE;
    }
    flat = sorted(flat);
    return switch (flat.size()) {
      case 0 -> ALL;
      case 1 -> flat.getFirst();
      default -> new And(flat);
    };
  }

  /**
   * The disjunction in canonical form, values of one label in one set; of nothing it is {@link
   * #NONE}.
   */
  static Selector or(Collection<? extends Selector> operands) {
    Map<String, NavigableSet<String>> values = new TreeMap<>();
    List<Selector> flat = new ArrayList<>();
    for (Selector operand : operands) {
      for (Selector part : operand instanceof Or or ? or.operands() : List.of(operand)) {
        switch (part) {
          case All _ -> {
            return ALL;
          }
          case None _ -> {}
          case In in -> values.computeIfAbsent(in.key(), _ -> new TreeSet<>()).addAll(in.values());
          case Has _, Part _, Not _, And _, Or _ -> flat.add(part);
        }
      }
    }
    values.forEach((key, some) -> flat.add(new In(key, some)));
    List<Selector> sorted = sorted(flat);
    return switch (sorted.size()) {
      case 0 -> NONE;
      case 1 -> sorted.getFirst();
      default -> new Or(sorted);
    };
  }

  /** By spelling, each once; every spelling is made once, for they may be long. */
  private static List<Selector> sorted(Collection<Selector> selectors) {
    if (selectors.size() < 2) {
      return List.copyOf(selectors);
    }
    TreeMap<String, Selector> byText = new TreeMap<>();
    selectors.forEach(selector -> byText.putIfAbsent(selector.text(), selector));
    return List.copyOf(byText.values());
  }

  /** Every label has exactly this value: {@code matchLabels}. */
  static Selector labels(Map<String, String> labels) {
    return and(
        new TreeMap<>(labels)
            .entrySet().stream().map(e -> in(e.getKey(), List.of(e.getValue()))).toList());
  }
}
