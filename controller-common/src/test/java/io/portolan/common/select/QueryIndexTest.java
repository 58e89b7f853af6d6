package io.portolan.common.select;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.select.expression.Expression;
import io.portolan.common.select.expression.ExpressionLowering;
import io.portolan.common.select.expression.ExpressionParser;
import io.portolan.common.select.expression.Parsed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
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
        PodQuery query = new PodQuery(scope(random), anySelector(random));
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
      List<Integer> foundGlobal = new ArrayList<>();
      index.matchingGlobal(podLabels, foundGlobal::add);
      Collections.sort(foundGlobal);
      assertThat(foundGlobal)
          .as("seed %d, step %d, in no namespace", seed, i)
          .isEqualTo(
              filed.entrySet().stream()
                  .filter(e -> e.getValue().matchesGlobal(podLabels))
                  .map(Map.Entry::getKey)
                  .toList());
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          a == '1' && has(b)              ; a == '1' && has(b)
          has(b) && (a == "1" && has(b))  ; a == '1' && has(b)
          !(a != '1' || !has(b))          ; a == '1' && has(b)
          a == '2' || a in {'1'}          ; a in {'1', '2'}
          !(a not in {'2', '1'})          ; a in {'1', '2'}
          a not in {'1'} && a != '1'      ; a != '1'
          a in {} || has(b)               ; has(b)
          a not in {} && has(b)           ; has(b)
          a in {} && has(b)               ; !all()
          has(b) || !(has(b) && a in {})  ; all()
          has(a) && (has(c) || has(b))    ; has(a) && (has(b) || has(c))
          !(has(a) && has(b)) || has(c)   ; !has(a) || !has(b) || has(c)
          a contains "'" || a endswith '' ; a contains "'" || a ends with ''
          !a starts with 'x' && !!has(b)  ; !a starts with 'x' && has(b)
          """)
  void expressionsThatSayTheSameAreEqual(String text, String spelling) {
    Selector selector = lowered(text);
    assertThat(selector.text()).isEqualTo(spelling);
    assertThat(lowered(spelling)).isEqualTo(selector);
  }

  @Test
  void anExpressionEqualsTheKubernetesSelectorThatSaysTheSame() {
    assertThat(lowered("!has(c) && b not in {'y', 'x'} && a == '1'"))
        .isEqualTo(
            Selector.and(
                List.of(
                    Selector.labels(Map.of("a", "1")),
                    Selector.notIn("b", List.of("x", "y")),
                    new Selector.Not(new Selector.Has("c")))));
  }

  @Test
  void aValueWithBothQuotesIsSpelledLikeNothingElse() {
    assertThat(Selector.in("a", List.of("x'\"y", "z")).text())
        .isEqualTo("a in {'x' \"'\" '\"y', 'z'}");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          all()                                          ; anything
          !has(a)                                        ; anything
          a != '1' && !b contains 'x'                    ; anything
          has(a) || has(b)                               ; anything
          a in {}                                        ; nothing
          a == '1' && a == '2'                           ; nothing
          (a == '1' && a == '2') || has(b)               ; b
          has(a) && b starts with 'x'                    ; a, b
          a == '1' && has(b)                             ; a in [1], b
          a in {'1', '2'} && a in {'2', '3'} && has(a)   ; a in [2]
          (a == '1' && has(b)) || (a == '2' && has(c))   ; a in [1, 2]
          (a == '1' && has(b)) || (has(a) && b != '2')   ; a
          """)
  void saysWhatLabelsMustBeLike(String text, String expected) {
    LabelRestrictions restrictions = LabelRestrictions.of(lowered(text));
    String actual =
        restrictions.byLabel().entrySet().stream()
            .map(e ->
                switch (e.getValue()) {
                  case LabelRestrictions.Restriction.Present() -> e.getKey();
                  case LabelRestrictions.Restriction.OneOf(var values) ->
                      e.getKey() + " in " + values;
                })
            .collect(Collectors.joining(", "));
    assertThat(restrictions.satisfiable() ? actual.isEmpty() ? "anything" : actual : "nothing")
        .isEqualTo(expected);
  }

  private static Selector lowered(String text) {
    return switch (ExpressionParser.parse(text)) {
      case Parsed.Valid(Expression expression) -> ExpressionLowering.lower(expression);
      case Parsed.Invalid invalid -> throw new AssertionError(text + ": " + invalid.message());
    };
  }

  private static NamespaceScope scope(Random random) {
    return switch (random.nextInt(4)) {
      case 0, 1 -> new NamespaceScope.Only("n" + random.nextInt(3));
      case 2 -> new NamespaceScope.Matching(anySelector(random));
      default -> new NamespaceScope.GlobalAnd(anySelector(random));
    };
  }

  /** Of a Kubernetes policy or of a Calico policy. */
  private static Selector anySelector(Random random) {
    return random.nextBoolean()
        ? selector(random)
        : ExpressionLowering.lower(expression(random, 3));
  }

  private static Expression expression(Random random, int depth) {
    String key = "k" + random.nextInt(3);
    String value = "v" + random.nextInt(3);
    return switch (random.nextInt(depth == 0 ? 5 : 9)) {
      case 0 -> new Expression.All();
      case 1 -> new Expression.Has(key);
      case 2 ->
          new Expression.Member(key, random.nextBoolean(), List.of(value, "v" + random.nextInt(3)));
      case 3 -> new Expression.Member(key, random.nextBoolean(), List.of());
      case 4 -> {
        var comparisons = Expression.Comparison.values();
        yield new Expression.Compare(
            key,
            comparisons[random.nextInt(comparisons.length)],
            random.nextBoolean() ? value : "v");
      }
      case 5 -> new Expression.Not(expression(random, depth - 1));
      case 6 ->
          new Expression.Or(List.of(expression(random, depth - 1), expression(random, depth - 1)));
      default ->
          new Expression.And(List.of(expression(random, depth - 1), expression(random, depth - 1)));
    };
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
