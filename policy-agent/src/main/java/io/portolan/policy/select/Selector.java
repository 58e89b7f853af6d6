package io.portolan.policy.select;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A condition on labels. Equal conditions written alike are equal values, and {@link #text()} is
 * their one spelling: conjunctions are flattened, sorted and free of repetition.
 *
 * <p>The spelling is the selector language of Calico policy, which can express everything a
 * Kubernetes selector can, so that sets in the kernel read alike whatever kind of policy they come
 * from.
 */
public sealed interface Selector {
  Selector ALL = new All();

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
      return values.size() == 1
          ? key + " == '" + values.first() + "'"
          : key
              + " in {"
              + values.stream().map(v -> "'" + v + "'").collect(Collectors.joining(", "))
              + "}";
    }
  }

  /** The operand does not match; an absent label therefore satisfies {@code Not(In)}. */
  record Not(Selector operand) implements Selector {
    @Override
    public boolean matches(Map<String, String> labels) {
      return !operand.matches(labels);
    }

    @Override
    public String text() {
      return operand instanceof In in && in.values().size() == 1
          ? in.key() + " != '" + in.values().first() + "'"
          : operand instanceof In in
              ? in.text().replaceFirst(" in \\{", " not in {")
              : "!" + operand.text();
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
      return operands.stream().map(Selector::text).collect(Collectors.joining(" && "));
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
                case Has _, In _, Not _ -> flattened.accept(operand);
              }
            })
            .distinct()
            .sorted(Comparator.comparing(Selector::text))
            .toList();
    return switch (flat.size()) {
      case 0 -> ALL;
      case 1 -> flat.getFirst();
      default -> new And(flat);
    };
  }

  /** Every label has exactly this value: {@code matchLabels}. */
  static Selector labels(Map<String, String> labels) {
    return and(
        new TreeMap<>(labels)
            .entrySet().stream().map(e -> in(e.getKey(), List.of(e.getValue()))).toList());
  }
}
