package io.portolan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The chart gives programs the options that they have, and the objects that the directories hold.
 */
final class ChartOptionsTest {
  private static final Path ROOT = Path.of(System.getProperty("portolan.root"));
  private static final Path CHART = ROOT.resolve("deploy/helm/portolan");
  private static final Pattern GIVEN = Pattern.compile("- (--[a-z0-9-]+)=");
  private static final Pattern KNOWN = Pattern.compile("\"(--[a-z0-9-]+)\"");

  private static NavigableSet<String> found(Pattern pattern, String text) {
    NavigableSet<String> names = new TreeSet<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
    return names;
  }

  private static String sources(String... directories) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String directory : directories) {
      try (Stream<Path> files = Files.list(ROOT.resolve(directory))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).sorted().toList()) {
          text.append(Files.readString(file));
        }
      }
    }
    return text.toString();
  }

  @ParameterizedTest
  @CsvSource({
    "agent, node-agent/src/main/java/io/portolan/node",
    "controller-aws, aws-vpc/src/main/java/io/portolan/aws",
    "policy-agent, policy-agent/src/main/java/io/portolan/policy"
  })
  void programsKnowTheirOptions(String template, String mains) throws IOException {
    NavigableSet<String> known =
        found(
            KNOWN,
            sources(
                mains,
                "policy-agent/src/main/java/io/portolan/policy",
                "controller-common/src/main/java/io/portolan/common/options"));
    NavigableSet<String> given =
        found(GIVEN, Files.readString(CHART.resolve("templates/" + template + ".yaml")));

    assertThat(given).isNotEmpty();
    assertThat(known).containsAll(given);
  }

  /** Roles, CRDs and the CNI configuration have one source. */
  @Test
  void theChartHasNoCopies() throws IOException {
    for (String name : new String[] {"rbac", "crds", "cni"}) {
      assertThat(CHART.resolve(name).toRealPath())
          .isEqualTo(ROOT.resolve("deploy/" + name).toRealPath());
    }
  }
}
