package io.portolan.common.leader;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LeaseCandidateTest {
  private static long seed() {
    return Optional.ofNullable(System.getProperty("portolan.seed"))
        .filter(s -> !s.isEmpty())
        .map(Long::parseLong)
        .orElseGet(() -> new Random().nextLong(1_000_000));
  }

  @Test
  void twoContendersAreNeverBothCurrent() {
    long seed = seed();
    System.out.println("LeaseCandidateTest: -Dportolan.seed=" + seed);
    long led = 0;
    for (int run = 0; run < 40; run++) {
      ElectionWorld world = new ElectionWorld(seed + run);
      for (String identity : List.of("a", "b", "c")) {
        LeaseCandidate candidate = world.join(identity);
        world.actor(() -> {
          if (world.random().nextInt(80) == 0) {
            candidate.release();
          } else {
            candidate.attempt();
          }
          world.pass(Duration.ofMillis(1600 + world.random().nextInt(400)));
        });
      }
      world.actor(() -> {
        world.lease().down(world.random().nextInt(4) == 0);
        world.lease().loss(world.random().nextDouble() * 0.3);
        world.pass(Duration.ofMillis(world.random().nextInt(60_000)));
      });
      world.run(Duration.ofMinutes(10));
      assertThat(world.overlaps()).as("seed " + (seed + run)).isEmpty();
      led += world.led().toSeconds();
    }
    assertThat(led).as("seconds under some leader, of 24,000").isGreaterThan(8_000);
  }

  @Test
  void aHolderStopsBeforeTheOtherMayBegin() {
    ElectionWorld world = new ElectionWorld(5);
    LeaseCandidate one = world.join("one");
    LeaseCandidate two = world.join("two");
    attemptUntilCurrent(world, one);
    two.attempt();
    world.lease().down(true);
    Duration waited = Duration.ZERO;
    while (one.isCurrent()) {
      one.attempt();
      two.attempt();
      world.pass(Duration.ofMillis(100));
      waited = waited.plusMillis(100);
      assertThat(waited).isLessThan(Duration.ofSeconds(60));
    }
    assertThat(two.isCurrent()).isFalse();
    world.lease().down(false);
    attemptUntilCurrent(world, two);
    one.attempt();
    assertThat(one.isCurrent()).isFalse();
    assertThat(world.overlaps()).isEmpty();
    assertThat(world.lease().stored().transitions()).isEqualTo(1);
  }

  private static void attemptUntilCurrent(ElectionWorld world, LeaseCandidate candidate) {
    long deadline = world.now() + Duration.ofMinutes(3).toNanos();
    while (!candidate.isCurrent() && world.now() < deadline) {
      candidate.attempt();
      world.pass(Duration.ofMillis(500));
    }
    assertThat(candidate.isCurrent()).isTrue();
  }

  @Test
  void aReleasedLeaseIsTakenAtTheNextAttempt() {
    ElectionWorld world = new ElectionWorld(5);
    LeaseCandidate one = world.join("one");
    LeaseCandidate two = world.join("two");
    attemptUntilCurrent(world, one);
    two.attempt();
    assertThat(two.isCurrent()).isFalse();
    one.release();
    assertThat(one.isCurrent()).isFalse();
    two.attempt();
    assertThat(world.lease().stored().holder()).isEqualTo("two");
  }

  @Test
  void aStolenLeaseEndsLeadership() {
    ElectionWorld world = new ElectionWorld(5);
    LeaseCandidate one = world.join("one");
    attemptUntilCurrent(world, one);
    LeaseRecord held = world.lease().stored();
    LeaseRecord stolen =
        new LeaseRecord(
            "thief", held.duration(), held.acquired(), held.renewed(), 9, held.version());
    world.lease().wire(new Random(1), time -> {}).write(stolen).orThrow();
    for (int i = 0; i < 3; i++) {
      one.attempt();
    }
    assertThat(one.isCurrent()).isFalse();
  }
}
