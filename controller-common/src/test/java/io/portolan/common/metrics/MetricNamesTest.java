package io.portolan.common.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages, alerts and dashboards name the metrics that there are. */
final class MetricNamesTest {
  private static final Path ROOT = Path.of(System.getProperty("portolan.root"));
  private static final Pattern IN_CODE = Pattern.compile("\"portolan((\\.[a-z]+)+)\"");
  private static final Pattern IN_TEXT = Pattern.compile("\\bportolan(_[a-z]+)+\\b");
  private static final Set<String> SUFFIXES =
      Set.of("", "_total", "_seconds", "_seconds_bucket", "_seconds_count", "_seconds_max");

  private static Set<String> found(Pattern pattern, List<Path> files) throws IOException {
    NavigableSet<String> names = new TreeSet<>();
    for (Path file : files) {
      Matcher matcher = pattern.matcher(Files.readString(file));
      while (matcher.find()) {
        names.add(matcher.group().replace("\"", "").replace('.', '_'));
      }
    }
    return names;
  }

  /** All meters are made in this package: no other one may use the library. */
  private static Set<String> ofTheCode() throws IOException {
    Path sources = ROOT.resolve("controller-common/src/main/java/io/portolan/common/metrics");
    try (Stream<Path> files = Files.list(sources)) {
      return found(IN_CODE, files.sorted().toList());
    }
  }

  private static Set<String> without(Set<String> names, Set<String> others) {
    return names.stream()
        .filter(name ->
            others.stream()
                .noneMatch(other ->
                    name.startsWith(other) && SUFFIXES.contains(name.substring(other.length()))))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void eachMetricIsOnThePageAndNoOther() throws IOException {
    Set<String> code = ofTheCode();
    Set<String> page = found(IN_TEXT, List.of(ROOT.resolve("docs/operations.md")));

    assertThat(code).hasSizeGreaterThan(15);
    assertThat(without(page, code)).as("on the page, not in the code").isEmpty();
    assertThat(code)
        .as("in the code, not on the page")
        .allMatch(name -> SUFFIXES.stream().anyMatch(suffix -> page.contains(name + suffix)));
  }

  @Test
  void dashboardsAndAlertsAskForMetricsThatThereAre() throws IOException {
    Set<String> code = ofTheCode();
    Set<String> dashboard =
        found(IN_TEXT, List.of(ROOT.resolve("deploy/dashboards/portolan.json")));
    Set<String> alerts =
        found(IN_TEXT, List.of(ROOT.resolve("deploy/helm/portolan/templates/monitoring.yaml")));

    assertThat(without(dashboard, code)).as("only on the dashboard").isEmpty();
    assertThat(without(alerts, code)).as("only in the alerts").isEmpty();
    assertThat(code)
        .as("each metric but the bytes beside packets is on the dashboard")
        .allMatch(name ->
            name.equals("portolan_policy_bytes")
                || dashboard.stream()
                    .anyMatch(shown -> without(Set.of(shown), Set.of(name)).isEmpty()));
  }
}
