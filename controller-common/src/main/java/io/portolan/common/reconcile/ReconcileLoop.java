package io.portolan.common.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a {@link Reconciler} for keys as they need it.
 *
 * <pre>
 *   add(key) ──> mailbox ──> owner thread: KeyedQueue ──> virtual thread: reconcile(key)
 *                   ^                                                │
 *                   └──────────────────── outcome ───────────────────┘
 * </pre>
 *
 * The owner thread alone touches the queue; everyone else sends it messages. No lock is held
 * anywhere while a reconciler runs.
 */
public final class ReconcileLoop<K> implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ReconcileLoop.class);

  private final Reconciler<K> reconciler;
  private final Settings settings;
  private final InstantSource time;
  private final KeyedQueue<K> queue;
  private final BlockingQueue<Message<K>> mailbox = new LinkedBlockingQueue<>();
  private final Map<K, Thread> running = new HashMap<>();
  private final Thread owner;
  private boolean paused;

  /**
   * @param name of the owner thread, and the beginning of the names of working threads
   * @param most keys in flight at once
   * @param grace how long closing waits for keys in flight before it interrupts them
   */
  public record Settings(String name, int most, Duration grace) {
    public Settings {
      if (most < 1) {
        throw new IllegalArgumentException("at least one key is in flight at once");
      }
    }
  }

  private sealed interface Message<K> {
    record Add<K>(K key, int urgency) implements Message<K> {}

    record Finished<K>(K key, Outcome outcome) implements Message<K> {}

    record Forget<K>(K key) implements Message<K> {}

    record Pause<K>(boolean paused) implements Message<K> {}

    record Close<K>() implements Message<K> {}
  }

  public ReconcileLoop(
      Reconciler<K> reconciler, Settings settings, InstantSource time, KeyedQueue<K> queue) {
    this.reconciler = reconciler;
    this.settings = settings;
    this.time = time;
    this.queue = queue;
    this.owner = Thread.ofPlatform().name(settings.name()).unstarted(this::own);
  }

  public void start() {
    owner.start();
  }

  /** Something happened to {@code key}. Returns at once; may be called from any thread. */
  public void add(K key, int urgency) {
    mailbox.add(new Message.Add<>(key, urgency));
  }

  /** {@code key} is gone; nothing waits for it any more. */
  public void forget(K key) {
    mailbox.add(new Message.Forget<>(key));
  }

  /** Begins no work until {@link #resume}; what is in flight goes on and must check for itself. */
  public void pause() {
    mailbox.add(new Message.Pause<>(true));
  }

  public void resume() {
    mailbox.add(new Message.Pause<>(false));
  }

  /**
   * Begins no work any more, waits for what is in flight for the grace, interrupts what is left and
   * returns when nothing runs any more or once more the grace has passed.
   */
  @Override
  public void close() {
    mailbox.add(new Message.Close<>());
    try {
      owner.join(settings.grace().multipliedBy(2).plusSeconds(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void own() {
    try {
      while (!handle(nextMessage())) {
        if (!paused) {
          launch();
        }
      }
      drain();
    } catch (InterruptedException e) {
      running.values().forEach(Thread::interrupt);
    }
  }

  private Optional<Message<K>> nextMessage() throws InterruptedException {
    boolean full = paused || queue.inFlight() >= settings.most();
    Optional<Duration> wait = full ? Optional.empty() : queue.untilNext(time.instant());
    return wait.isPresent()
        ? Optional.ofNullable(mailbox.poll(wait.get().toMillis() + 1, TimeUnit.MILLISECONDS))
        : Optional.of(mailbox.take());
  }

  /** Returns whether this was the last message to heed. */
  private boolean handle(Optional<Message<K>> received) {
    Optional<Message<K>> message = received;
    while (message.isPresent()) {
      switch (message.get()) {
        case Message.Add<K> add -> queue.add(add.key(), add.urgency(), time.instant());
        case Message.Finished<K> finished -> finish(finished);
        case Message.Forget<K> forget -> queue.forget(forget.key());
        case Message.Pause<K> pause -> paused = pause.paused();
        case Message.Close<K> _ -> {
          return true;
        }
      }
      message = Optional.ofNullable(mailbox.poll());
    }
    return false;
  }

  private void finish(Message.Finished<K> finished) {
    running.remove(finished.key());
    queue.done(finished.key(), finished.outcome(), time.instant());
  }

  private void launch() {
    Instant now = time.instant();
    while (queue.inFlight() < settings.most()) {
      Optional<K> key = queue.take(now);
      if (key.isEmpty()) {
        return;
      }
      running.put(
          key.get(),
          Thread.ofVirtual().name(settings.name() + "-" + key.get()).start(() -> work(key.get())));
    }
  }

  private void work(K key) {
    Outcome outcome = new Outcome.Retry("interrupted");
    try {
      outcome = reconciler.reconcile(key);
      if (outcome instanceof Outcome.Retry retry) {
        log.info("{} again later: {}", key, retry.why());
      }
    } catch (RuntimeException e) {
      // A bug, or a lost dependency: this key tries again later, the others are not its business.
      log.error("reconciling {} failed", key, e);
      outcome = new Outcome.Retry(String.valueOf(e));
    } finally {
      mailbox.add(new Message.Finished<>(key, outcome));
    }
  }

  private void drain() throws InterruptedException {
    if (!await(settings.grace())) {
      running.values().forEach(Thread::interrupt);
      if (!await(settings.grace())) {
        log.warn("abandoned while in flight: {}", running.keySet());
      }
    }
  }

  /** Heeds outcomes until nothing is in flight, or for {@code most}; returns whether nothing is. */
  private boolean await(Duration most) throws InterruptedException {
    long end = System.nanoTime() + most.toNanos();
    while (!running.isEmpty()) {
      Message<K> message = mailbox.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (message == null) {
        return false;
      }
      if (message instanceof Message.Finished<K> finished) {
        finish(finished);
      }
    }
    return true;
  }
}
