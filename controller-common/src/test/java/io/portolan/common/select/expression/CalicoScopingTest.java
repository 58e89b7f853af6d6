package io.portolan.common.select.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.select.NamespaceScope;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CalicoScopingTest {

  @ParameterizedTest(name = "policy in [{0}], peers'' namespaceSelector [{1}]")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          shop ;                          ; shop
          ``   ;                          ; (global() || all())
          shop ; all()                    ; (all())
          ``   ; all()                    ; (all())
          shop ; global()                 ; (global() || !all())
          ``   ; global()                 ; (global() || !all())
          shop ; !global()                ; (all())
          shop ; !all()                   ; (global() || !all())
          shop ; team == 'red'            ; (team == 'red')
          ``   ; team == 'red'            ; (team == 'red')
          shop ; team != 'red'            ; (global() || team != 'red')
          ``   ; global() || has(team)    ; (global() || has(team))
          ``   ; all() && team != 'red'   ; (team != 'red')
          """)
  void peersAreWhereTheSelectorReaches(String namespace, String selector, String scope) {
    assertThat(CalicoScoping.ofPeer(policyNamespace(namespace), parsed(selector)).text())
        .isEqualTo(scope);
  }

  @ParameterizedTest(name = "policy in [{0}], its namespaceSelector [{1}]")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          shop ;                          ; shop
          ``   ;                          ; (global() || all())
          ``   ; all()                    ; (global() || all())
          ``   ; team == 'red'            ; (team == 'red')
          ``   ; team != 'red'            ; (global() || team != 'red')
          """)
  void subjectsAreWhereTheSelectorReaches(String namespace, String selector, String scope) {
    assertThat(CalicoScoping.ofSubject(policyNamespace(namespace), parsed(selector)).text())
        .isEqualTo(scope);
  }

  /** The definition: the selector on inherited labels, all() as has(namespace). */
  @Test
  void scopesAreSelectorsOnInheritedLabels() {
    long seed = Long.getLong("portolan.seed", System.nanoTime());
    Random random = new Random(seed);
    RandomExpressions expressions = new RandomExpressions(random);
    for (int i = 0; i < 10_000; i++) {
      Expression selector = ParsedText.valid(expressions.sample(random.nextInt(4)).text());
      Map<String, String> namespaceLabels = expressions.labels();
      NamespaceScope scope = CalicoScoping.ofPeer(Optional.empty(), Optional.of(selector));
      String onEndpoints =
          selector
              .prefixed(EndpointLabels.NAMESPACE_PREFIX)
              .canonical()
              .replace("all()", "has(projectcalico.org/namespace)")
              .replace("global()", "!has(projectcalico.org/namespace)");
      Map<String, String> pod =
          EndpointLabels.ofPod(Map.of(), "shop", namespaceLabels, "", Map.of());
      assertThat(
              scope.includes("shop", EndpointLabels.named("shop", namespaceLabels))
                  + " "
                  + scope.includesGlobal())
          .as("seed %d, %s on %s", seed, selector.canonical(), namespaceLabels)
          .isEqualTo(
              ParsedText.valid(onEndpoints).matches(pod)
                  + " "
                  + ParsedText.valid(onEndpoints).matches(Map.of()));
    }
  }

  @Test
  void podsCarryWhatTheyInherit() {
    assertThat(
            new TreeMap<>(
                EndpointLabels.ofPod(
                    Map.of("app", "web", "projectcalico.org/namespace", "forged"),
                    "shop",
                    Map.of("team", "red"),
                    "cart",
                    Map.of("role", "api"))))
        .hasToString(
            "{app=web, pcns.projectcalico.org/name=shop, pcns.team=red,"
                + " pcsa.projectcalico.org/name=cart, pcsa.role=api,"
                + " projectcalico.org/namespace=shop, projectcalico.org/orchestrator=k8s,"
                + " projectcalico.org/serviceaccount=cart}");
  }

  @ParameterizedTest
  @CsvSource({"62,true", "63,false"})
  void longServiceAccountNamesAreNoLabel(int length, boolean there) {
    Map<String, String> labels =
        EndpointLabels.ofPod(Map.of(), "shop", Map.of(), "x".repeat(length), Map.of());
    assertThat(labels.containsKey(EndpointLabels.SERVICE_ACCOUNT)).isEqualTo(there);
  }

  private static Optional<String> policyNamespace(String namespace) {
    return namespace.isEmpty() ? Optional.empty() : Optional.of(namespace);
  }

  private static Optional<Expression> parsed(@org.jspecify.annotations.Nullable String selector) {
    return Optional.ofNullable(selector).map(ParsedText::valid);
  }
}
