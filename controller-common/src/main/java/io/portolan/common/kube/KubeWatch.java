package io.portolan.common.kube;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the objects of a scope for as long as it is open.
 *
 * <pre>
 *   list pages ──> Synced ──> stream: Upsert, Delete ─┬─ ends in good order ──> stream again
 *       ^                                             ├─ breaks ──> Disconnected, wait, stream again ──> Resumed
 *       └──── version too old (410), list again ──────┘
 * </pre>
 *
 * <p>A resource that need not be installed, and is not, counts as one without objects: Synced says
 * so once, and the list is asked for again from time to time ({@link WatchOptions#absence}). One
 * that was there counts as out of reach first ({@link WatchOptions#retention}).
 *
 * <p>One virtual thread lists, reads, decodes and calls the consumer, so events come in order, and
 * a slow consumer slows down the stream instead of filling memory. A consumer must not throw; if it
 * does, the state it may have lost is brought again by a new list.
 */
public final class KubeWatch<T> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KubeWatch.class);

  /**
   * How long the first stream after a break lasts. A server that has forgotten the version says so
   * only inside the stream; one that ends in good order, or has an event, has shown that nothing
   * was missed.
   */
  private static final Duration PROBE = Duration.ofSeconds(1);

  private final KubeClient client;
  private final WatchScope scope;
  private final WatchProtocol<T> protocol;
  private final Consumer<KubeEvent<T>> consumer;
  private final WatchOptions options;
  private final Thread thread;
  private final Thread guard;
  private volatile boolean closed;
  private volatile long lastHeard = System.nanoTime();
  private volatile @Nullable InputStream open;

  // Owned by the thread.
  private String resourceVersion = "";
  private int failures;
  private boolean disconnected;

  /** Whether the last answer but refusals of the resource was a list. */
  private boolean served;

  private boolean absent;

  /** Since when a resource that was there is not known to the server; empty while it is. */
  private OptionalLong missingSince = OptionalLong.empty();

  private Optional<Duration> askedToWait = Optional.empty();

  private KubeWatch(
      KubeClient client,
      WatchScope scope,
      RecordDecoder<T> decoder,
      Consumer<KubeEvent<T>> consumer,
      WatchOptions options) {
    this.client = client;
    this.scope = scope;
    this.protocol = new WatchProtocol<>(decoder);
    this.consumer = consumer;
    this.options = options;
    this.served = options.known();
    this.thread =
        Thread.ofVirtual().name("watch-" + scope.resource().plural()).unstarted(this::run);
    this.guard = Thread.ofVirtual().name(thread.getName() + "-idle").unstarted(this::guard);
  }

  /** Starts following; events come until the watch is closed. */
  public static <T> KubeWatch<T> start(
      KubeClient client,
      WatchScope scope,
      RecordDecoder<T> decoder,
      Consumer<KubeEvent<T>> consumer,
      WatchOptions options) {
    KubeWatch<T> watch = new KubeWatch<>(client, scope, decoder, consumer, options);
    watch.thread.start();
    watch.guard.start();
    return watch;
  }

  /** With {@link WatchOptions#DEFAULT}. */
  public static <T> KubeWatch<T> start(
      KubeClient client,
      WatchScope scope,
      RecordDecoder<T> decoder,
      Consumer<KubeEvent<T>> consumer) {
    return start(client, scope, decoder, consumer, WatchOptions.DEFAULT);
  }

  private void run() {
    while (!closed) {
      try {
        if (resourceVersion.isEmpty()) {
          list();
        }
        follow();
      } catch (Interruption e) {
        if (!closed
            && e.fault.kind() == KubeFault.Kind.NOT_FOUND
            && options.absence().isPresent()) {
          missing(options.absence().get());
        } else if (!closed) {
          disconnected(e.fault.toString());
          askedToWait = e.fault.retryAfter();
        }
      } catch (IOException e) {
        if (!closed) {
          disconnected(String.valueOf(e.getMessage()));
        }
      } catch (RuntimeException e) {
        if (!closed) {
          LOG.error("the consumer of {} failed; listing again", scope, e);
          resourceVersion = "";
          disconnected("a consumer or decoder failed: " + e);
        }
      }
      if (!closed && failures > 0) {
        pause();
      }
    }
  }

  /** A fault that ends an attempt. */
  private static final class Interruption extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient KubeFault fault;

    private Interruption(KubeFault fault) {
      super(fault.toString());
      this.fault = fault;
    }
  }

  private void list() throws IOException, Interruption {
    List<T> objects = new ArrayList<>();
    String token = "";
    String version;
    do {
      WatchProtocol.Page<T> page;
      try (InputStream stream = open(scope.listPath(options.pageSize(), token))) {
        page = protocol.readPage(stream);
      } finally {
        open = null;
      }
      objects.addAll(page.objects());
      token = page.continueToken();
      version = page.resourceVersion();
    } while (!token.isEmpty());
    // Delivered before the version counts: if the consumer fails, the list is read again.
    consumer.accept(new KubeEvent.Synced<>(objects));
    resourceVersion = version;
    disconnected = false;
    absent = false;
    served = true;
    missingSince = OptionalLong.empty();
    failures = 0;
  }

  /** The server answers, and does not know the resource. */
  private void missing(Duration askAgainAfter) {
    resourceVersion = "";
    long now = System.nanoTime();
    if (served && missingSince.isEmpty()) {
      missingSince = OptionalLong.of(now);
    }
    if (served && now - missingSince.orElse(now) < options.retention().toNanos()) {
      disconnected(
          "no longer known to the server; what was there is kept for " + options.retention());
      return;
    }
    served = false;
    missingSince = OptionalLong.empty();
    absent(askAgainAfter);
  }

  private void absent(Duration askAgainAfter) {
    disconnected = false;
    failures = 0;
    if (!absent) {
      LOG.info("{} is not installed; asking again every {}", scope, askAgainAfter);
      try {
        consumer.accept(new KubeEvent.Synced<>(List.of(), false));
        absent = true;
      } catch (RuntimeException e) {
        LOG.error("the consumer of {} failed; telling it again", scope, e);
      }
    }
    sleep(askAgainAfter);
  }

  private InputStream open(String path) throws IOException, Interruption {
    lastHeard = System.nanoTime();
    return switch (client.stream(path)) {
      case KubeResult.Failed<InputStream>(KubeFault fault) -> {
        if (fault.kind() == KubeFault.Kind.EXPIRED) {
          resourceVersion = "";
        }
        throw new Interruption(fault);
      }
      case KubeResult.Ok<InputStream>(InputStream stream) -> {
        open = stream;
        if (closed) {
          stream.close();
        }
        yield new HeardStream(stream);
      }
    };
  }

  private void follow() throws IOException, Interruption {
    long began = System.nanoTime();
    try (InputStream stream = open(scope.watchPath(resourceVersion, streamSeconds()))) {
      Follower follower = new Follower();
      protocol.readEvents(stream, follower);
      if (follower.fault.isPresent()) {
        throw new Interruption(follower.fault.get());
      }
      resumed();
      // A server that accepts and ends streams at once is not to be asked in a tight loop.
      boolean lasted = System.nanoTime() - began >= PROBE.toNanos() / 2;
      failures = follower.heard || lasted ? 0 : failures + 1;
    } finally {
      open = null;
    }
  }

  private long streamSeconds() {
    if (disconnected) {
      return PROBE.toSeconds();
    }
    long base = options.streamTimeout().toSeconds();
    return base + ThreadLocalRandom.current().nextLong(base / 2 + 1);
  }

  private void resumed() {
    if (disconnected) {
      disconnected = false;
      consumer.accept(new KubeEvent.Resumed<>());
    }
  }

  private final class Follower implements WatchProtocol.Listener<T> {
    private Optional<KubeFault> fault = Optional.empty();
    private boolean heard;

    @Override
    public void upsert(T object, String version) {
      heard();
      consumer.accept(new KubeEvent.Upsert<>(object));
      resourceVersion = version;
    }

    @Override
    public void delete(ObjectKey key, String uid, String version) {
      heard();
      consumer.accept(new KubeEvent.Delete<>(key, uid));
      resourceVersion = version;
    }

    @Override
    public void bookmark(String version) {
      heard();
      resourceVersion = version;
    }

    @Override
    public void error(int code, String message) {
      if (code == 410) {
        resourceVersion = "";
      }
      fault =
          Optional.of(
              new KubeFault(
                  code == 410 ? KubeFault.Kind.EXPIRED : KubeFault.Kind.UNAVAILABLE,
                  code,
                  "",
                  message,
                  Optional.empty()));
    }

    private void heard() {
      resumed();
      heard = true;
      failures = 0;
    }
  }

  private void disconnected(String reason) {
    failures++;
    if (!disconnected) {
      disconnected = true;
      LOG.info("watch of {} interrupted: {}", scope, reason);
      try {
        consumer.accept(new KubeEvent.Disconnected<>(reason));
      } catch (RuntimeException e) {
        LOG.error("the consumer of {} failed; listing again", scope, e);
        resourceVersion = "";
      }
    }
  }

  private void pause() {
    Duration delay = options.backoff().delay(failures, ThreadLocalRandom.current());
    Duration asked = askedToWait.orElse(Duration.ZERO);
    askedToWait = Optional.empty();
    sleep(asked.compareTo(delay) > 0 ? asked : delay);
  }

  private static void sleep(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      // Closing: the loop ends. Otherwise an early attempt does no harm.
    }
  }

  /** Cuts a stream that has been silent too long: a dead peer is not reported by TCP for hours. */
  private void guard() {
    while (!closed) {
      try {
        Thread.sleep(options.idleLimit().dividedBy(4));
      } catch (InterruptedException e) {
        return;
      }
      InputStream stream = open;
      if (stream != null && System.nanoTime() - lastHeard > options.idleLimit().toNanos()) {
        LOG.info("watch of {}: silent for {}, connecting again", scope, options.idleLimit());
        close(stream);
      }
    }
  }

  private static void close(InputStream stream) {
    try {
      stream.close();
    } catch (IOException e) {
      // Its reader finds out.
    }
  }

  /** Ends the watch; no event comes after this returns unless called from the consumer itself. */
  @Override
  public void close() {
    closed = true;
    InputStream stream = open;
    if (stream != null) {
      close(stream);
    }
    guard.interrupt();
    thread.interrupt();
    if (Thread.currentThread() != thread) {
      try {
        thread.join(Duration.ofSeconds(5));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Notes when the server was last heard. */
  private final class HeardStream extends java.io.FilterInputStream {
    private HeardStream(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      lastHeard = System.nanoTime();
      return read;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = super.read(buffer, offset, length);
      lastHeard = System.nanoTime();
      return read;
    }
  }
}
