package io.portolan.common.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.model.VirtualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyedQueueTest {
  private static final Outcome DONE = new Outcome.Done();

  private final VirtualClock clock = new VirtualClock();
  private final KeyedQueue<String> queue =
      new KeyedQueue<>(new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(8), 0), new Random(1));

  private void add(String key, int urgency) {
    queue.add(key, urgency, clock.instant());
  }

  private List<String> takeAll() {
    List<String> taken = new ArrayList<>();
    Optional<String> key = queue.take(clock.instant());
    while (key.isPresent()) {
      taken.add(key.get());
      key = queue.take(clock.instant());
    }
    return taken;
  }

  private void done(String key, Outcome outcome) {
    queue.done(key, outcome, clock.instant());
  }

  @Test
  void theLargestDeficitIsFirstAndEqualOnesKeepTheirOrder() {
    add("a", 1);
    add("b", 5);
    add("c", 1);
    add("d", 5);
    assertThat(takeAll()).containsExactly("b", "d", "a", "c");
  }

  @Test
  void manyEventsAreOnePieceOfWork() {
    add("a", 0);
    add("a", 0);
    add("a", 7);
    add("b", 3);
    assertThat(takeAll()).containsExactly("a", "b");
  }

  @Test
  void aKeyIsNeverInFlightTwiceAndAnEventMeanwhileIsNotLost() {
    add("a", 0);
    assertThat(takeAll()).containsExactly("a");
    add("a", 0);
    assertThat(takeAll()).isEmpty();
    done("a", DONE);
    assertThat(takeAll()).containsExactly("a");
    done("a", DONE);
    assertThat(takeAll()).isEmpty();
  }

  @Test
  void aKeyThatIsAddedOverAndOverKeepsItsPlace() {
    add("a", 0);
    add("b", 0);
    add("a", 0);
    assertThat(takeAll()).containsExactly("a", "b");
  }

  @Test
  void failuresWaitLongerAndLongerUpToTheBoundAndSuccessForgetsThem() {
    List<Duration> delays = new ArrayList<>();
    add("a", 0);
    for (int i = 0; i < 6; i++) {
      assertThat(takeAll()).containsExactly("a");
      done("a", new Outcome.Retry("no"));
      Duration until = queue.untilNext(clock.instant()).orElseThrow();
      delays.add(until);
      clock.advance(until);
    }
    assertThat(delays).extracting(Duration::toSeconds).containsExactly(1L, 2L, 4L, 8L, 8L, 8L);
    takeAll();
    done("a", DONE);
    add("a", 0);
    takeAll();
    done("a", new Outcome.Retry("no"));
    assertThat(queue.untilNext(clock.instant())).contains(Duration.ofSeconds(1));
  }

  @Test
  void anEventDoesNotShortenTheWaitAfterAFailure() {
    add("a", 0);
    takeAll();
    done("a", new Outcome.RetryAfter(Duration.ofSeconds(20)));
    add("a", 9);
    assertThat(takeAll()).isEmpty();
    clock.advance(Duration.ofSeconds(20));
    assertThat(takeAll()).containsExactly("a");
  }

  @Test
  void wakesWhenAskedUnlessSomethingHappensBefore() {
    Instant later = clock.instant().plusSeconds(60);
    add("a", 0);
    takeAll();
    done("a", new Outcome.WakeAt(later));
    assertThat(queue.untilNext(clock.instant())).contains(Duration.ofSeconds(60));
    add("a", 0);
    assertThat(takeAll()).containsExactly("a");
    done("a", new Outcome.WakeAt(later));
    clock.advanceTo(later);
    assertThat(takeAll()).containsExactly("a");
  }

  @Test
  void aForgottenKeyIsNotTaken() {
    add("a", 0);
    queue.forget("a");
    assertThat(takeAll()).isEmpty();
    assertThat(queue.untilNext(clock.instant())).isEmpty();
  }

  @Test
  void jitterSpreadsButNeverExceedsTheDelay() {
    Backoff backoff = new Backoff(Duration.ofSeconds(4), Duration.ofSeconds(4), 0.25);
    Random random = new Random(3);
    for (int i = 0; i < 100; i++) {
      assertThat(backoff.after(1, random)).isBetween(Duration.ofSeconds(3), Duration.ofSeconds(4));
    }
  }
}
