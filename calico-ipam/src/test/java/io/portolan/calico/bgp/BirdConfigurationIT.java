package io.portolan.calico.bgp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** BIRD itself reads what is rendered. */
class BirdConfigurationIT {
  private static final Path BIRD = Path.of("/usr/sbin/bird");

  @TempDir Path directory;

  @Test
  void birdTakesEveryConfiguration() throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(BIRD), "bird is not installed (package bird2)");
    for (var cluster : BgpClusters.all().entrySet()) {
      for (String node : List.of("node1", "node2", "node3", "node4")) {
        String text = BirdRenderer.render(cluster.getValue().seenFrom(node)).text();
        assertThat(check(text)).as(cluster.getKey() + " on " + node + "\n" + text).isEmpty();
      }
    }
  }

  @Test
  void theCheckFindsMistakes() throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(BIRD), "bird is not installed (package bird2)");
    assertThat(check("router id 1.1.1.1;\nprotocol bgp a { }\n")).contains("bird.conf:2");
  }

  private String check(String text) throws IOException, InterruptedException {
    Path file = directory.resolve("bird.conf");
    Files.writeString(file, text);
    Process bird =
        new ProcessBuilder(BIRD.toString(), "-p", "-c", file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(bird.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return bird.waitFor() == 0 ? "" : output;
  }
}
