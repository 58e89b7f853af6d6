package io.portolan.node.ipam;

import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.node.endpoint.Attachment;
import io.portolan.node.endpoint.AttachmentId;
import io.portolan.node.endpoint.PodIdentity;
import io.portolan.node.journal.Journal;
import io.portolan.node.journal.JournalRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns the pool, the holdings and the journal. Every call is a message to it;
 * futures complete with what it decided.
 *
 * <p>Crash order. A record is with the kernel before its caller goes on, so the death of the
 * process at any point leaves a journal that is ahead of the network, never behind:
 *
 * <pre>
 *   ADD  Reserved written | wire | Reserved on disk | answer | Attached written
 *   DEL  Detaching written | unwire | Cooling, Released written | on disk | answer
 * </pre>
 *
 * <p>The death of the machine takes every pod with it, so what its last moments wrote may be lost:
 * recovery finds no links and lets everything rest.
 */
public final class Ledger implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);
  private static final long COMPACT_AT_LEAST = 256 * 1024;

  private final Journal journal;
  private final AddressPool pool;
  private final InstantSource clock;
  private volatile Duration cooldown;
  private final Consumer<PoolView> onChange;
  private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
  private final Map<AttachmentId, Holding> holdings = new TreeMap<>();
  private final Deque<Waiter> waiters = new ArrayDeque<>();
  private final Thread thread;
  private long sequence;
  private long compactAbove = COMPACT_AT_LEAST;
  private boolean closed;
  private CompletableFuture<Void> lastWrite = CompletableFuture.completedFuture(null);
  private volatile Map<AttachmentId, Holding> published = Map.of();
  private volatile PoolView view = PoolView.EMPTY;

  /** A request for addresses that none were free for. */
  private record Waiter(
      Request request, Instant deadline, CompletableFuture<ReserveOutcome> outcome) {}

  /**
   * Who asks for addresses.
   *
   * @param id the attachment to be
   * @param pod its pod
   * @param netns path of its network namespace
   * @param hostInterface name of the host's end to be
   */
  public record Request(
      AttachmentId id, Optional<PodIdentity> pod, String netns, String hostInterface) {}

  /**
   * @param cooldown how long an address rests
   * @param onChange told after every change of what {@link #view} shows; must not block
   */
  public Ledger(
      Journal journal,
      AddressPool pool,
      InstantSource clock,
      Duration cooldown,
      Consumer<PoolView> onChange) {
    this.journal = journal;
    this.pool = pool;
    this.clock = clock;
    this.cooldown = cooldown;
    this.onChange = onChange;
    replay(journal.recovered());
    publish();
    thread = Thread.ofPlatform().name("ledger").start(this::run);
  }

  private void replay(List<JournalRecord> records) {
    // A clock that went backwards must not keep an address out of use for longer than a rest.
    Instant latest = clock.instant().plus(cooldown);
    for (JournalRecord record : records) {
      switch (record) {
        case JournalRecord.Reserved(Attachment attachment) -> {
          hold(attachment, Holding.Phase.RESERVED);
          attachment.addresses().forEach(a -> pool.restoreHeld(a, attachment.id()));
        }
        case JournalRecord.Attached(AttachmentId id) -> phase(id, Holding.Phase.ATTACHED);
        case JournalRecord.Detaching(AttachmentId id) -> phase(id, Holding.Phase.DETACHING);
        case JournalRecord.Cooling(IpAddress address, Instant until) -> {
          Instant bounded = until.isAfter(latest) ? latest : until;
          pool.release(address, bounded);
          pool.restoreResting(address, bounded);
        }
        case JournalRecord.Released(AttachmentId id) -> holdings.remove(id);
      }
    }
  }

  /**
   * Takes addresses, waiting for up to {@code patience} while there are none. The families are
   * those the pool has blocks of.
   */
  public CompletableFuture<ReserveOutcome> reserve(Request request, Duration patience) {
    CompletableFuture<ReserveOutcome> outcome = new CompletableFuture<>();
    inbox.add(() -> {
      Waiter waiter = new Waiter(request, clock.instant().plus(patience), outcome);
      if (!waiters.isEmpty() || !tryGrant(waiter)) {
        waiters.add(waiter);
      }
    });
    return outcome;
  }

  /**
   * Records that the interface works. A journal that cannot be written is no reason to fail a pod:
   * recovery takes a reserved attachment with a whole link for attached.
   */
  public CompletableFuture<Void> attached(AttachmentId id) {
    return ask(done -> {
      phase(id, Holding.Phase.ATTACHED);
      lastWrite = tryAppend(List.of(new JournalRecord.Attached(id)));
      done.complete(null);
    });
  }

  /** Takes back a request that still waits for an address; its caller is told so. */
  public CompletableFuture<Void> cancelWaiting(AttachmentId id) {
    return ask(done -> {
      cancel(id);
      done.complete(null);
    });
  }

  /**
   * Records that the attachment is to go. A journal that cannot be written does not keep a pod from
   * being removed: recovery finds the link gone.
   *
   * @return the attachment, if there is one
   */
  public CompletableFuture<Optional<Attachment>> detaching(AttachmentId id) {
    return ask(done -> {
      cancel(id);
      Holding holding = holdings.get(id);
      if (holding != null && holding.phase() != Holding.Phase.DETACHING) {
        phase(id, Holding.Phase.DETACHING);
        lastWrite = tryAppend(List.of(new JournalRecord.Detaching(id)));
      }
      done.complete(Optional.ofNullable(holding).map(Holding::attachment));
    });
  }

  /**
   * Ends the holding; its addresses rest.
   *
   * @return completes when that is on the disk, or cannot be
   */
  public CompletableFuture<Void> released(AttachmentId id) {
    CompletableFuture<Void> onDisk = new CompletableFuture<>();
    inbox.add(() -> release(id, onDisk));
    return onDisk;
  }

  private void release(AttachmentId id, CompletableFuture<Void> onDisk) {
    Holding holding = holdings.remove(id);
    if (holding == null) {
      onDisk.complete(null);
      return;
    }
    Instant until = clock.instant().plus(cooldown);
    List<JournalRecord> records = new ArrayList<>();
    for (IpAddress address : holding.attachment().addresses()) {
      pool.release(address, until);
      records.add(new JournalRecord.Cooling(address, until));
    }
    records.add(new JournalRecord.Released(id));
    lastWrite = tryAppend(records).thenRun(() -> onDisk.complete(null));
  }

  /** Replaces the supply and what was answered to it before; see {@link AddressPool#supply}. */
  public CompletableFuture<Void> supply(Supply next, List<Supply.Mark> alreadyAnswered) {
    return ask(done -> {
      pool.restoreAnswers(alreadyAnswered);
      pool.supply(next, clock.instant());
      done.complete(null);
    });
  }

  /** How long addresses rest from now on; what rests already is not touched. */
  public void cooldown(Duration value) {
    cooldown = value;
  }

  /** Takes up an attachment that the kernel has and the journal lost. */
  public CompletableFuture<Void> adopt(Attachment attachment) {
    return ask(done -> {
      if (!holdings.containsKey(attachment.id())) {
        attachment.addresses().forEach(a -> pool.restoreHeld(a, attachment.id()));
        hold(attachment, Holding.Phase.ATTACHED);
        lastWrite =
            tryAppend(
                List.of(
                    new JournalRecord.Reserved(attachment),
                    new JournalRecord.Attached(attachment.id())));
      }
      done.complete(null);
    });
  }

  /** Everything that holds addresses, as of a moment ago. */
  public Map<AttachmentId, Holding> holdings() {
    return published;
  }

  /** The pool as of a moment ago. */
  public PoolView view() {
    return view;
  }

  private interface Step<T> {
    void run(CompletableFuture<T> done) throws IOException;
  }

  private <T> CompletableFuture<T> ask(Step<T> step) {
    CompletableFuture<T> done = new CompletableFuture<>();
    inbox.add(() -> {
      try {
        step.run(done);
      } catch (IOException | RuntimeException e) {
        done.completeExceptionally(e);
      }
    });
    return done;
  }

  private void run() {
    while (!closed) {
      try {
        Runnable message = inbox.poll(untilNextEvent().toMillis() + 1, TimeUnit.MILLISECONDS);
        if (message != null) {
          message.run();
        }
        pool.advance(clock.instant());
        serveWaiters();
        publish();
        compactIfLong();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.error("the ledger met a state it does not know", e);
      }
    }
  }

  private Duration untilNextEvent() {
    Instant now = clock.instant();
    Instant next = now.plusSeconds(3600);
    for (Waiter waiter : waiters) {
      next = waiter.deadline.isBefore(next) ? waiter.deadline : next;
    }
    Instant rested = pool.nextRested().orElse(next);
    Duration wait = Duration.between(now, rested.isBefore(next) ? rested : next);
    return wait.isNegative() ? Duration.ZERO : wait;
  }

  private void serveWaiters() {
    while (!waiters.isEmpty() && tryGrant(waiters.peek())) {
      waiters.remove();
    }
    Instant now = clock.instant();
    waiters.removeIf(waiter -> {
      boolean late = !waiter.deadline.isAfter(now);
      if (late) {
        waiter.outcome.complete(new ReserveOutcome.Exhausted(pool.shortage()));
      }
      return late;
    });
  }

  /** Whether the request is answered, one way or the other. */
  private boolean tryGrant(Waiter waiter) {
    Request request = waiter.request;
    Holding existing = holdings.get(request.id());
    if (existing != null) {
      return waiter.outcome.complete(new ReserveOutcome.Exists(existing.attachment()));
    }
    Set<IpFamily> families = pool.families();
    Optional<List<IpAddress>> taken = pool.take(request.id(), families, clock.instant());
    if (taken.isEmpty()) {
      return false;
    }
    Attachment attachment =
        new Attachment(
            request.id(), request.pod(), request.netns(), request.hostInterface(), taken.get());
    try {
      CompletableFuture<Void> durable =
          journal.append(List.of(new JournalRecord.Reserved(attachment)));
      hold(attachment, Holding.Phase.RESERVED);
      return waiter.outcome.complete(new ReserveOutcome.Granted(attachment, durable));
    } catch (IOException e) {
      // Never seen by any pod, so it need not rest.
      taken.get().forEach(address -> pool.release(address, clock.instant()));
      return waiter.outcome.complete(new ReserveOutcome.Unrecordable(String.valueOf(e)));
    }
  }

  private void cancel(AttachmentId id) {
    waiters.removeIf(waiter ->
        waiter.request.id().equals(id) && waiter.outcome.complete(new ReserveOutcome.Cancelled()));
  }

  private void hold(Attachment attachment, Holding.Phase phase) {
    holdings.put(attachment.id(), new Holding(attachment, phase, ++sequence));
  }

  private void phase(AttachmentId id, Holding.Phase phase) {
    holdings.computeIfPresent(id, (key, holding) -> holding.in(phase));
  }

  private CompletableFuture<Void> tryAppend(List<JournalRecord> records) {
    try {
      return journal
          .append(records)
          .exceptionally(e -> {
            LOG.warn("the journal cannot be synced: {}", e.toString());
            return null;
          });
    } catch (IOException e) {
      LOG.warn(
          "the journal cannot be written, the next start will find out by the links: {}",
          e.toString());
      return CompletableFuture.completedFuture(null);
    }
  }

  private void compactIfLong() {
    if (journal.length() <= compactAbove) {
      return;
    }
    List<JournalRecord> live = new ArrayList<>();
    pool.resting().forEach((address, until) -> live.add(new JournalRecord.Cooling(address, until)));
    for (Holding holding : holdings.values()) {
      live.add(new JournalRecord.Reserved(holding.attachment()));
      switch (holding.phase()) {
        case RESERVED -> {}
        case ATTACHED -> live.add(new JournalRecord.Attached(holding.attachment().id()));
        case DETACHING -> live.add(new JournalRecord.Detaching(holding.attachment().id()));
      }
    }
    try {
      journal.compact(live);
    } catch (IOException e) {
      LOG.warn("the journal cannot be compacted: {}", e.toString());
    }
    compactAbove = Math.max(COMPACT_AT_LEAST, journal.length() * 4);
  }

  private void publish() {
    published = Map.copyOf(holdings);
    PoolView now =
        new PoolView(
            pool.counts().held(),
            pool.counts().resting(),
            waiters.size(),
            pool.hasRoom(pool.families()),
            pool.answers(),
            pool.orphans());
    if (!now.equals(view)) {
      view = now;
      onChange.accept(now);
    }
  }

  /** Ends the thread after what was asked before. Waiting requests are cancelled. */
  @Override
  public void close() throws IOException {
    inbox.add(() -> {
      closed = true;
      waiters.forEach(waiter -> waiter.outcome.complete(new ReserveOutcome.Cancelled()));
      waiters.clear();
    });
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    lastWrite.exceptionally(e -> null).join();
    journal.close();
  }
}
