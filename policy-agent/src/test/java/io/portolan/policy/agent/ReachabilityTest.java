package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** An outage is told of once, whatever the number of watches. */
class ReachabilityTest {
  private final AtomicLong seconds = new AtomicLong();
  private final StringBuilder log = new StringBuilder();
  private final Reachability reachability =
      new Reachability(
          () -> Instant.ofEpochSecond(seconds.get()),
          (level, line) ->
              log.append(seconds.get() + " " + level + " " + line.replaceAll(", rules.*:", ":"))
                  .append('\n'));

  @Test
  void ofWatchesThatBreakTogetherOneIsNamed() {
    for (int i = 0; i < 14; i++) {
      reachability.lost("watch " + i, "reason " + i);
    }
    reachability.lost("watch 0", "the same again");
    seconds.set(30);
    for (int i = 0; i < 14; i++) {
      reachability.back("watch " + i);
      reachability.back("watch " + i);
    }
    seconds.set(40);
    reachability.lost("pods", "forbidden");
    seconds.set(200);
    reachability.lost("nodes", "refused");
    reachability.lost("policies", "refused");
    reachability.back("nodes");
    reachability.back("policies");
    seconds.set(210);
    reachability.back("pods");
    assertThat(log)
        .hasToString(
            """
            0 WARN the API server is away: reason 0
            30 INFO the API server is back
            40 WARN the API server is away: forbidden
            200 WARN the API server is away: refused
            210 INFO the API server is back
            """);
  }
}
