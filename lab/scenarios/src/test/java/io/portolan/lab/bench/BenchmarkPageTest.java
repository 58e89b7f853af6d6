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

  private static final String TEMPLATE =
      "# Top\n{{machine}}\n\n## A\n\n{{a}}\n\n## B\n\n{{b}}, {{c}}\n";

  @Test
  void aSectionIsMeasuredAnewAndTheOthersStay() {
    String page =
        BenchmarkPage.render(TEMPLATE, Map.of("machine", "M", "a", "1", "b", "2", "c", "3"));
    assertThat(BenchmarkPage.update(page, TEMPLATE, Map.of("b", "4", "c", "5"), "later"))
        .isEqualTo("# Top\nM\n\n## A\n\n1\n\n## B\n\n> later\n\n4, 5\n");
  }

  @Test
  void aSectionMeasuredTwiceHasOneNote() {
    String page =
        BenchmarkPage.render(TEMPLATE, Map.of("machine", "M", "a", "1", "b", "2", "c", "3"));
    String once = BenchmarkPage.update(page, TEMPLATE, Map.of("a", "4"), "later");
    assertThat(BenchmarkPage.update(once, TEMPLATE, Map.of("a", "5"), "last"))
        .isEqualTo("# Top\nM\n\n## A\n\n> last\n\n5\n\n## B\n\n2, 3\n");
  }

  @Test
  void sectionsThePageDoesNotHaveYetSaySo() {
    assertThat(BenchmarkPage.update("# Top\nM\n", TEMPLATE, Map.of("a", "1"), "later"))
        .isEqualTo(
            "# Top\nM\n\n## A\n\n> later\n\n1\n\n## B\n\n(not measured yet), (not measured yet)\n");
    assertThat(BenchmarkPage.update("", TEMPLATE, Map.of("a", "1"), "later"))
        .startsWith("# Top\n(not measured yet)\n\n## A\n");
  }

  @Test
  void aSectionIsNotMeasuredInPart() {
    assertThatThrownBy(
            () -> BenchmarkPage.update("# Top\n\n## A\n", TEMPLATE, Map.of("b", "1"), "n"))
        .hasMessage("no part for {{c}}");
    assertThatThrownBy(
            () -> BenchmarkPage.update("# Top\n\n## A\n\n## B\n", TEMPLATE, Map.of("d", "1"), "n"))
        .hasMessage("the template has no place for [d]");
  }
}
