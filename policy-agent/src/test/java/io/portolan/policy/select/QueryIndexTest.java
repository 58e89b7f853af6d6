package io.portolan.policy.select;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class QueryIndexTest {

  @ParameterizedTest(name = "{0} on {1} is {2}")
  @MethodSource
  void selectorsMatchAsTheApiSays(Selector selector, Map<String, String> labels, boolean matches) {
    assertThat(selector.matches(labels)).isEqualTo(matches);
  }

  static Stream<Arguments> selectorsMatchAsTheApiSays() {
    Map<String, String> web = Map.of("app", "web");
    Selector notDb = Selector.notIn("app", List.of("db"));
    Selector absent = new Selector.Not(new Selector.Has("app"));
    return Stream.of(
        Arguments.of(Selector.ALL, Map.of(), true),
        Arguments.of(Selector.in("app", List.of("web", "db")), web, true),
        Arguments.of(Selector.in("app", List.of("db")), web, false),
        Arguments.of(Selector.in("app", List.of("db")), Map.of(), false),
        Arguments.of(notDb, web, true),
        Arguments.of(notDb, Map.of("app", "db"), false),
        Arguments.of(notDb, Map.of(), true),
        Arguments.of(absent, Map.of(), true),
        Arguments.of(absent, web, false),
        Arguments.of(new Selector.Has("app"), Map.of("app", ""), true));
  }

  @Test
  void equalConditionsHaveOneSpelling() {
    Selector a = Selector.in("a", List.of("1"));
    Selector b = new Selector.Has("b");
    assertThat(Selector.and(List.of(b, a, Selector.ALL, a)))
        .isEqualTo(Selector.and(List.of(Selector.and(List.of(a, b)), b)))
        .extracting(Selector::text)
        .isEqualTo("a == '1' && has(b)");
  }

  @Test
  void findsExactlyTheQueriesThatMatch() {
    long seed = Long.getLong("portolan.seed", System.nanoTime());
    Random random = new Random(seed);
    QueryIndex<Integer> index = new QueryIndex<>();
    Map<Integer, PodQuery> filed = new TreeMap<>();
    for (int i = 0; i < 3000; i++) {
      if (!filed.isEmpty() && random.nextInt(3) == 0) {
        int victim = new ArrayList<>(filed.keySet()).get(random.nextInt(filed.size()));
        index.remove(Objects.requireNonNull(filed.remove(victim)), victim);
      } else {
        PodQuery query = new PodQuery(scope(random), selector(random));
        filed.put(i, query);
        index.add(query, i);
      }
      String namespace = "n" + random.nextInt(3);
      Map<String, String> namespaceLabels = labels(random);
      Map<String, String> podLabels = labels(random);
      List<Integer> found = new ArrayList<>();
      index.matching(namespace, namespaceLabels, podLabels, found::add);
      Collections.sort(found);
      assertThat(found)
          .as("seed %d, step %d", seed, i)
          .isEqualTo(
              filed.entrySet().stream()
                  .filter(e -> e.getValue().matches(namespace, namespaceLabels, podLabels))
                  .map(Map.Entry::getKey)
                  .toList());
    }
  }

  private static NamespaceScope scope(Random random) {
    return random.nextBoolean()
        ? new NamespaceScope.Only("n" + random.nextInt(3))
        : new NamespaceScope.Matching(selector(random));
  }

  private static Selector selector(Random random) {
    List<Selector> parts = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      String key = "k" + random.nextInt(3);
      List<String> values = List.of("v" + random.nextInt(3), "v" + random.nextInt(3));
      parts.add(
          switch (random.nextInt(4)) {
            case 0 -> Selector.in(key, values);
            case 1 -> Selector.notIn(key, values);
            case 2 -> new Selector.Has(key);
            default -> new Selector.Not(new Selector.Has(key));
          });
    }
    return Selector.and(parts);
  }

  private static Map<String, String> labels(Random random) {
    Map<String, String> labels = new HashMap<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      labels.put("k" + random.nextInt(3), "v" + random.nextInt(3));
    }
    return labels;
  }
}
