package io.portolan.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class BenchmarkPageTest {
  @Test
  void partsStandWhereTheTemplateNamesThem() {
    assertThat(BenchmarkPage.render("# {{b-1}}\n{{a}}\n", Map.of("a", "costs $1\n", "b-1", "B")))
        .isEqualTo("# B\ncosts $1\n");
  }

  @Test
  void aRenamedPartOrPlaceIsRefused() {
    assertThatThrownBy(() -> BenchmarkPage.render("{{a}}", Map.of()))
        .hasMessage("no part for {{a}}");
    assertThatThrownBy(() -> BenchmarkPage.render("text", Map.of("a", "A")))
        .hasMessage("the template has no place for [a]");
  }
}
