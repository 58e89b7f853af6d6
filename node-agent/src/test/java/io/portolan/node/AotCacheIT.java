package io.portolan.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as it was built, with the AOT cache that the build made for it. */
class AotCacheIT {
  private static final Path BUILT =
      Path.of(System.getProperty("portolan.root")).resolve("node-agent/target");
  private static final Path CACHE = BUILT.resolve("node-agent.aot");

  private record Ended(int status, String output, String errors) {}

  private static Ended version(Path directory, Map<String, String> environment)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(directory.resolve("portolan-agent").toString(), "--version");
    builder.environment().put("PORTOLAN_JAVA_HOME", System.getProperty("java.home"));
    builder.environment().remove("JDK_JAVA_OPTIONS");
    builder.environment().putAll(environment);
    Path errors = Files.createTempFile("portolan-agent", ".err");
    try {
      Process process = builder.redirectError(errors.toFile()).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Ended(process.waitFor(), output, Files.readString(errors));
    } finally {
      Files.delete(errors);
    }
  }

  @Test
  void theProgramAsBuiltTakesItsClassesFromTheCache() throws IOException, InterruptedException {
    if (!Files.exists(CACHE)) {
      assertThat(BUILT.resolve("aot.log"))
          .content()
          .as("the only good reason for none")
          .contains("may not create network namespaces");
      return;
    }
    assertThat(version(BUILT, Map.of("JDK_JAVA_OPTIONS", "-Xlog:class+load")).output())
        .contains("io.portolan.node.NodeAgentMain source: shared objects file");
  }

  @Test
  void aCacheThatDoesNotMatchIsLeftAloneInSilence(@TempDir Path elsewhere)
      throws IOException, InterruptedException {
    Files.createDirectory(elsewhere.resolve("lib"));
    try (Stream<Path> libraries = Files.list(BUILT.resolve("lib"))) {
      Stream<Path> program =
          Stream.of("portolan-agent", "launch", "jvm.options", "node-agent.jar")
              .map(BUILT::resolve);
      for (Path file : Stream.concat(program, libraries).toList()) {
        Files.copy(file, elsewhere.resolve(BUILT.relativize(file)));
      }
    }
    Ended fine = new Ended(0, "portolan-agent 0.1.0\n", "");
    assertThat(version(elsewhere, Map.of())).as("none").isEqualTo(fine);
    Files.writeString(elsewhere.resolve("node-agent.aot"), "not a cache");
    assertThat(version(elsewhere, Map.of())).as("a broken one").isEqualTo(fine);
    if (Files.exists(CACHE)) {
      // The copies are of another time than those it was made with.
      Files.copy(CACHE, elsewhere.resolve("node-agent.aot"), StandardCopyOption.REPLACE_EXISTING);
      assertThat(version(elsewhere, Map.of())).as("one of other files").isEqualTo(fine);
    }
  }
}
