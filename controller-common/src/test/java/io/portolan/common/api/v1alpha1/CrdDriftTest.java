package io.portolan.common.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The checked-in CRDs are the Java types. {@code -Dportolan.update=true} writes them anew. */
class CrdDriftTest {
  private static Path root() {
    return Path.of(System.getProperty("portolan.root", ".."));
  }

  @Test
  void checkedInYamlIsWhatTheTypesSay() throws IOException {
    Path sources =
        root().resolve("controller-common/src/main/java/io/portolan/common/api/v1alpha1");
    Path crds = root().resolve("deploy/crds");
    Map<String, String> generated = CrdYaml.generate(sources);
    if (Boolean.getBoolean("portolan.update")) {
      for (Map.Entry<String, String> file : generated.entrySet()) {
        Files.writeString(crds.resolve(file.getKey()), file.getValue());
      }
    }
    Map<String, String> present = new TreeMap<>();
    try (Stream<Path> files = Files.list(crds)) {
      for (Path file : files.filter(f -> f.toString().endsWith("portolan.io.yaml")).toList()) {
        present.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    assertThat(present)
        .as("deploy/crds; run this test with -Dportolan.update=true after changing the types")
        .isEqualTo(generated);
  }

  @Test
  void everyFieldIsDescribedAndNoRuleComesTwice() throws IOException {
    for (String yaml :
        CrdYaml.generate(
                root().resolve("controller-common/src/main/java/io/portolan/common/api/v1alpha1"))
            .values()) {
      assertThat(yaml).contains("description:");
      Map<String, Integer> rules = new TreeMap<>();
      yaml.lines()
          .filter(line -> line.strip().startsWith("- rule:") || line.strip().startsWith("rule:"))
          .forEach(line -> rules.merge(line.strip(), 1, Integer::sum));
      assertThat(rules.values()).allMatch(count -> count == 1);
    }
  }
}
