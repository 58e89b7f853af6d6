package io.portolan.sim.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VirtualTimeTest {
  private final VirtualTime time = VirtualTime.create();
  private final Instant start = time.instant();
  private final List<String> happened = new ArrayList<>();

  private void at(Duration after, String what) {
    time.schedule(
        start.plus(after),
        () -> happened.add(what + " at " + Duration.between(start, time.instant()).toMillis()));
  }

  @Test
  void standsStillUntilAdvanced() {
    at(Duration.ZERO, "now");
    assertThat(happened).isEmpty();
    assertThat(time.instant()).isEqualTo(start);
  }

  @Test
  void runsEachTaskAtItsOwnTimeInOrder() {
    at(Duration.ofMillis(20), "second");
    at(Duration.ofMillis(10), "first");
    at(Duration.ofMillis(20), "third");
    at(Duration.ofMillis(31), "too late");
    time.advance(Duration.ofMillis(30));
    assertThat(happened).containsExactly("first at 10", "second at 20", "third at 20");
    assertThat(time.instant()).isEqualTo(start.plusMillis(30));
  }

  @Test
  void runsWhatATaskSchedulesIfItComesDueOnTheWay() {
    time.schedule(start.plusMillis(10), () -> at(Duration.ofMillis(15), "follow-up"));
    time.advance(Duration.ofMillis(20));
    assertThat(happened).containsExactly("follow-up at 15");
  }

  @Test
  void jumpsFromTaskToTask() {
    at(Duration.ofHours(5), "far");
    assertThat(time.advanceToNext()).isTrue();
    assertThat(time.advanceToNext()).isFalse();
    assertThat(happened).containsExactly("far at 18000000");
  }

  @Test
  void aPauseEndsWhenTimeHasBeenAdvancedFarEnough() throws InterruptedException {
    Thread sleeper =
        Thread.startVirtualThread(() -> {
          try {
            time.pause(Duration.ofMinutes(1));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    while (time.next().isEmpty()) {
      Thread.onSpinWait();
    }
    time.advance(Duration.ofSeconds(59));
    assertThat(sleeper.isAlive()).isTrue();
    time.advance(Duration.ofSeconds(1));
    assertThat(sleeper.join(Duration.ofSeconds(10))).isTrue();
  }
}
