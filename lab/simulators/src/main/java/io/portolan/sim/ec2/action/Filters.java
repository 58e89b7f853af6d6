package io.portolan.sim.ec2.action;

import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.Refusals;
import io.portolan.sim.ec2.model.Resource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The filters one Describe operation knows, by name. A thing passes if, for every filter, one of
 * its values matches one of the filter's, where {@code *} stands for any run of characters and
 * {@code ?} for any one (EC2 user guide, "List and filter").
 */
final class Filters<T> {
  private final Map<String, Function<T, Collection<?>>> byName = new LinkedHashMap<>();
  private Optional<BiFunction<T, String, Collection<?>>> byTag = Optional.empty();

  Filters<T> on(String name, Function<T, ?> value) {
    byName.put(name, t -> List.of(value.apply(t)));
    return this;
  }

  Filters<T> onOptional(String name, Function<T, Optional<?>> value) {
    byName.put(name, t -> value.apply(t).stream().toList());
    return this;
  }

  Filters<T> onAny(String name, Function<T, Collection<?>> values) {
    byName.put(name, values);
    return this;
  }

  /** {@code tag:KEY}, {@code tag-key} and {@code tag-value}. */
  static <R extends Resource> Filters<R> tagged(Ec2State state) {
    Filters<R> filters = new Filters<>();
    filters.onAny("tag-key", r -> state.tags(r.id()).keySet());
    filters.onAny("tag-value", r -> state.tags(r.id()).values());
    filters.byTag =
        Optional.of((r, key) -> Optional.ofNullable(state.tags(r.id()).get(key)).stream().toList());
    return filters;
  }

  /** The things that pass the request's filters, in their order. */
  List<T> apply(Query query, List<T> things) {
    List<T> passing = things;
    for (Query filter : query.structs("Filter")) {
      String name = filter.required("Name");
      List<Pattern> patterns = filter.list("Value").stream().map(Filters::pattern).toList();
      Function<T, Collection<?>> values = values(name);
      passing =
          passing.stream()
              .filter(thing ->
                  values.apply(thing).stream()
                      .anyMatch(value ->
                          patterns.stream().anyMatch(p -> p.matcher(value.toString()).matches())))
              .toList();
    }
    return passing;
  }

  private Function<T, Collection<?>> values(String name) {
    Function<T, Collection<?>> known = byName.get(name);
    if (known != null) {
      return known;
    }
    if (byTag.isPresent() && name.startsWith("tag:")) {
      String key = name.substring("tag:".length());
      return thing -> byTag.get().apply(thing, key);
    }
    throw Refusals.invalid("The filter '" + name + "' is invalid");
  }

  private static Pattern pattern(String glob) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      regex.append(
          switch (c) {
            case '*' -> ".*";
            case '?' -> ".";
            default -> Pattern.quote(String.valueOf(c));
          });
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }
}
