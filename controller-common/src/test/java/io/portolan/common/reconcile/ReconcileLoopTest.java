package io.portolan.common.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReconcileLoopTest {
  private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

  private static ReconcileLoop<String> loop(Reconciler<String> reconciler, Duration grace) {
    return new ReconcileLoop<>(
        reconciler,
        new ReconcileLoop.Settings("test", 4, grace),
        InstantSource.system(),
        new KeyedQueue<>(
            new Backoff(Duration.ofMillis(5), Duration.ofMillis(5), 0), new Random(1)));
  }

  private @Nullable String next() throws InterruptedException {
    return seen.poll(10, TimeUnit.SECONDS);
  }

  @Test
  void aBugInOneKeyHurtsNoOtherAndIsTriedAgain() throws InterruptedException {
    CountDownLatch failed = new CountDownLatch(1);
    AtomicBoolean broken = new AtomicBoolean(true);
    try (ReconcileLoop<String> loop =
        loop(
            key -> {
              if (key.equals("bad") && broken.get()) {
                failed.countDown();
                throw new IllegalStateException("a bug");
              }
              if (key.equals("good")) {
                awaitQuietly(failed);
              }
              seen.add(key);
              return new Outcome.Done();
            },
            Duration.ofSeconds(5))) {
      loop.start();
      loop.add("bad", 9);
      loop.add("good", 0);
      assertThat(next()).isEqualTo("good");
      broken.set(false);
      assertThat(next()).isEqualTo("bad");
    }
  }

  @Test
  void nothingBeginsWhilePausedAndNothingIsLost() throws InterruptedException {
    try (ReconcileLoop<String> loop =
        loop(
            key -> {
              seen.add(key);
              return new Outcome.Done();
            },
            Duration.ofSeconds(5))) {
      loop.pause();
      loop.start();
      loop.add("a", 0);
      assertThat(seen.poll(100, TimeUnit.MILLISECONDS)).isNull();
      loop.resume();
      assertThat(next()).isEqualTo("a");
    }
  }

  @Test
  void oneKeyRunsOnceAtATimeAndDifferentKeysTogether() throws InterruptedException {
    AtomicInteger inA = new AtomicInteger();
    CountDownLatch both = new CountDownLatch(2);
    try (ReconcileLoop<String> loop =
        loop(
            key -> {
              if (key.equals("a") && inA.incrementAndGet() > 1) {
                seen.add("twice");
              }
              both.countDown();
              awaitQuietly(both);
              if (key.equals("a")) {
                inA.decrementAndGet();
              }
              seen.add(key);
              return new Outcome.Done();
            },
            Duration.ofSeconds(5))) {
      loop.start();
      loop.add("a", 0);
      loop.add("a", 0);
      loop.add("b", 0);
      loop.add("a", 0);
      assertThat(next()).isIn("a", "b");
      assertThat(next()).isIn("a", "b");
    }
    assertThat(seen).doesNotContain("twice");
  }

  @Test
  void closingWaitsForWhatIsInFlight() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    ReconcileLoop<String> loop =
        loop(
            key -> {
              begun.countDown();
              awaitQuietly(go);
              seen.add("finished");
              return new Outcome.Done();
            },
            Duration.ofSeconds(10));
    loop.start();
    loop.add("a", 0);
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
    Thread closer = Thread.startVirtualThread(loop::close);
    go.countDown();
    closer.join(Duration.ofSeconds(10));
    assertThat(seen).containsExactly("finished");
  }

  @Test
  void closingInterruptsWhatDoesNotFinishInItsGrace() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    ReconcileLoop<String> loop =
        loop(
            key -> {
              begun.countDown();
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                seen.add("interrupted");
              }
              return new Outcome.Done();
            },
            Duration.ofMillis(50));
    loop.start();
    loop.add("a", 0);
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
    loop.close();
    assertThat(next()).isEqualTo("interrupted");
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      if (!latch.await(10, TimeUnit.SECONDS)) {
        throw new AssertionError("waited too long");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
