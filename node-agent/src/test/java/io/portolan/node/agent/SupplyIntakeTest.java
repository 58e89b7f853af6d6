package io.portolan.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.common.reconcile.Backoff;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A disk that is full for a while, in virtual time. */
class SupplyIntakeTest {
  private final World world = new World();
  private final SupplyIntake intake =
      new SupplyIntake(
          world,
          new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30), 0),
          new SplittableRandom(1),
          PublishedSupply.NONE);

  private static PublishedSupply supply(long revision) {
    return new PublishedSupply(
        new NodeNetworkStatus.Supply(revision, null, null, null, null, null), null);
  }

  /** A disk, a clock, and what became of each supply. */
  private static final class World implements SupplyIntake.Effects {
    private final List<String> log = new ArrayList<>();
    private final List<Step> due = new ArrayList<>();
    private long now;
    private boolean full;
    private long notUnderstood = -1;

    private record Step(long at, Runnable action) {}

    @Override
    public void verify(PublishedSupply next) {
      if (next.supply().revision() == notUnderstood) {
        throw new IllegalArgumentException("revision " + notUnderstood);
      }
    }

    @Override
    public void write(PublishedSupply next) throws IOException {
      if (full) {
        log.add(now + " no space for " + next.supply().revision());
        throw new IOException("No space left on device");
      }
      log.add(now + " wrote " + next.supply().revision());
    }

    @Override
    public void use(PublishedSupply next) {
      log.add(now + " uses " + next.supply().revision());
    }

    @Override
    public void after(Duration delay, Runnable step) {
      due.add(new Step(now + delay.toSeconds(), step));
    }

    void runUntil(long time) {
      while (now <= time) {
        for (Step step : List.copyOf(due)) {
          if (step.at <= now) {
            due.remove(step);
            step.action.run();
          }
        }
        now++;
      }
      now = time;
    }
  }

  @Test
  void triesAgainWithGrowingDelaysUntilItIsOnDiskAndOnlyThenUsesIt() {
    world.full = true;
    intake.offer(supply(1));
    // The watch repeats what it has seen after every reconnection: no reason to hurry.
    intake.offer(supply(1));
    world.runUntil(70);
    assertThat(intake.current()).isEqualTo(PublishedSupply.NONE);
    world.full = false;
    world.runUntil(200);
    assertThat(world.log)
        .containsExactly(
            "0 no space for 1",
            "1 no space for 1",
            "3 no space for 1",
            "7 no space for 1",
            "15 no space for 1",
            "31 no space for 1",
            "61 no space for 1",
            "91 wrote 1",
            "91 uses 1");
    assertThat(intake.current()).isEqualTo(supply(1));
    assertThat(world.due).isEmpty();
  }

  @Test
  void givesUpAnOlderSupplyForANewerOne() {
    world.full = true;
    intake.offer(supply(1));
    world.runUntil(2);
    intake.offer(supply(2));
    world.full = false;
    world.runUntil(100);
    assertThat(world.log)
        .containsExactly(
            "0 no space for 1", "1 no space for 1", "2 no space for 2", "3 wrote 2", "3 uses 2");
  }

  @Test
  void givesUpWhatWasTakenBackToWhatIsInUse() {
    intake.offer(supply(1));
    world.full = true;
    intake.offer(supply(2));
    intake.offer(supply(1));
    world.full = false;
    world.runUntil(100);
    assertThat(world.log).containsExactly("0 wrote 1", "0 uses 1", "0 no space for 2");
    assertThat(intake.current()).isEqualTo(supply(1));
  }

  @Test
  void neitherWritesNorUsesWhatItDoesNotUnderstand() {
    intake.offer(supply(1));
    world.notUnderstood = 2;
    intake.offer(supply(2));
    intake.offer(supply(3));
    assertThat(world.log).containsExactly("0 wrote 1", "0 uses 1", "0 wrote 3", "0 uses 3");
  }
}
