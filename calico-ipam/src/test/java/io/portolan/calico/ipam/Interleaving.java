package io.portolan.calico.ipam;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Actors that take turns: one runs at a time, until it passes a gate or sleeps; chance decides who
 * is next, and time goes on when all sleep. The same seed gives the same run.
 */
final class Interleaving implements InstantSource {
  private final Random random;
  private final List<Actor> actors = new ArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private Instant now;
  private @Nullable Actor running;
  private @Nullable Throwable failure;

  Interleaving(long seed, Instant start) {
    random = new Random(seed);
    now = start;
  }

  /** One of them. */
  final class Actor {
    private final String name;
    private final Semaphore go = new Semaphore(0);
    private Instant wakeAt;
    private boolean killed;
    private boolean done;

    private Actor(String name) {
      this.name = name;
      wakeAt = now;
    }

    /** It dies at its next gate, whatever it is about to do. */
    void kill() {
      killed = true;
      wakeAt = now;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** Thrown at a gate of an actor that was killed. */
  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  Actor actor(String name, Runnable body) {
    Actor actor = new Actor(name);
    actors.add(actor);
    Thread.ofVirtual()
        .name(name)
        .start(() -> {
          actor.go.acquireUninterruptibly();
          try {
            if (!actor.killed) {
              body.run();
            }
          } catch (Killed e) {
            // As a process that is gone: it says nothing.
          } catch (Throwable e) {
            failure = failure == null ? e : failure;
          }
          actor.done = true;
          actors.remove(actor);
          handOver();
        });
    return actor;
  }

  /** Runs until every actor is done. */
  void run() {
    handOver();
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw new AssertionError(failure.getMessage(), failure);
    }
  }

  /** Lets others go first. */
  void pass() {
    sleep(Duration.ZERO);
  }

  void sleep(Duration duration) {
    Actor me = Objects.requireNonNull(running, "only actors take turns");
    me.wakeAt = now.plus(duration);
    handOver();
    me.go.acquireUninterruptibly();
    if (me.killed) {
      throw new Killed();
    }
  }

  private void handOver() {
    if (actors.isEmpty() || failure != null) {
      over.countDown();
      return;
    }
    Instant first = actors.stream().map(a -> a.wakeAt).min(Comparator.naturalOrder()).orElseThrow();
    now = first.isAfter(now) ? first : now;
    List<Actor> ready = actors.stream().filter(a -> !a.wakeAt.isAfter(now)).toList();
    Actor next = ready.get(random.nextInt(ready.size()));
    running = next;
    next.go.release();
  }

  @Override
  public Instant instant() {
    return now;
  }
}
