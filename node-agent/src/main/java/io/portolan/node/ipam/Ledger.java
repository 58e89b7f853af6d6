package io.portolan.node.ipam;

import io.portolan.common.net.IpAddress;
import io.portolan.node.endpoint.Attachment;
import io.portolan.node.endpoint.AttachmentId;
import io.portolan.node.endpoint.PodIdentity;
import io.portolan.node.journal.Journal;
import io.portolan.node.journal.JournalRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns the pool, the holdings and the journal. Futures complete with what was decided.
 *
 * <p>A decision and its record in the journal are one critical section of some microseconds, which
 * the caller goes through himself: a thread that owned the state would cost every ADD two wake-ups,
 * a tenth of its time. The thread does what nobody waits for: requests and resting addresses whose
 * time has come, the view, compaction.
 *
 * <p>Crash order. A record is with the kernel before its caller goes on, so the death of the
 * process at any point leaves a journal that is ahead of the network, never behind:
 *
 * <pre>
 *   ADD  Reserved written | wire | answer | Attached written | both on disk
 *   DEL  Detaching written | unwire | Cooling, Released written | answer | on disk
 * </pre>
 *
 * <p>The death of the machine takes every pod with it, so nobody waits for the disk: what the last
 * moments wrote may be lost, and the only use of it would be to let those addresses rest. Instead
 * every address rests after a restart of the machine ({@link #restUntil}).
 */
public final class Ledger implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);
  private static final long COMPACT_AT_LEAST = 256 * 1024;
  private static final Duration IDLE = Duration.ofHours(1);

  private final Journal journal;
  private final InstantSource clock;
  private final LedgerObserver observer;
  private final ReentrantLock turn = new ReentrantLock();
  private final Condition acted = turn.newCondition();
  private final Thread thread;
  private volatile Duration cooldown;
  private volatile PoolView view = PoolView.EMPTY;
  private final Set<IpAddress> known;

  // Guarded by turn.
  private final Allocator allocator = new Allocator();
  private final Map<Long, CompletableFuture<ReserveOutcome>> waiting = new HashMap<>();
  private long tickets;

  private long compactAbove = COMPACT_AT_LEAST;
  private boolean closed;

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
   */
  public Ledger(Journal journal, InstantSource clock, Duration cooldown, LedgerObserver observer) {
    this.journal = journal;
    this.clock = clock;
    this.cooldown = cooldown;
    this.observer = observer;
    allocator.replay(journal.recovered(), clock.instant().plus(cooldown));
    known = allocator.known();
    show();
    thread = Thread.ofPlatform().name("ledger").start(this::run);
  }

  /**
   * Takes addresses, waiting for up to {@code patience} while there are none. The families are
   * those the pool has blocks of.
   */
  public CompletableFuture<ReserveOutcome> reserve(Request request, Duration patience) {
    CompletableFuture<ReserveOutcome> outcome = new CompletableFuture<>();
    turn.lock();
    try {
      waiting.put(++tickets, outcome);
      allocator.ask(tickets, request, clock.instant(), patience);
      decide();
      // A grant is shown with what follows it: waking the thread would cost ADD a tenth.
      if (!outcome.isDone()) {
        acted.signal();
      }
    } finally {
      turn.unlock();
    }
    return outcome;
  }

  /** See {@link Allocator#earmark}. */
  public Optional<Earmark> earmark(String hostInterface) {
    return now(() -> allocator.earmark(hostInterface, clock.instant()));
  }

  /**
   * Ends an earmark that no request has used. Its addresses are given to nobody until they are
   * {@link #putBack}.
   *
   * @return empty if there is none, or a request was faster
   */
  public Optional<Earmark> withdraw(String hostInterface) {
    return now(() -> allocator.withdraw(hostInterface));
  }

  /** Makes addresses of a {@link #withdraw withdrawn} earmark free; they need no rest. */
  public void putBack(Earmark earmark) {
    act(() -> allocator.putBack(earmark.addresses(), clock.instant()));
  }

  /** Whether the interface keeps no addresses that the supply has no more. */
  public boolean isEarmarkCurrent(String hostInterface) {
    return now(() -> allocator.isEarmarkCurrent(hostInterface));
  }

  private <T> T now(Supplier<T> step) {
    turn.lock();
    try {
      T result = step.get();
      acted.signal();
      return result;
    } finally {
      turn.unlock();
    }
  }

  /** No address is given before {@code time}. */
  public void restUntil(Instant time) {
    act(() -> allocator.restUntil(time));
  }

  /**
   * Records that the interface works. A journal that cannot be written is no reason to fail a pod:
   * recovery takes a reserved attachment with a whole link for attached.
   */
  public CompletableFuture<Void> attached(AttachmentId id) {
    return ask(done -> {
      if (allocator.attached(id)) {
        tryAppend(List.of(new JournalRecord.Attached(id)));
        var _ = journal.sync();
      }
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
      Allocator.Detachment detachment = allocator.detach(id);
      if (!detachment.records().isEmpty()) {
        tryAppend(detachment.records());
      }
      done.complete(detachment.attachment());
    });
  }

  /** Ends the holding; its addresses rest. */
  public CompletableFuture<Void> released(AttachmentId id) {
    return ask(done -> {
      List<JournalRecord> records = allocator.release(id, clock.instant().plus(cooldown));
      if (!records.isEmpty()) {
        tryAppend(records);
        var _ = journal.sync();
      }
      done.complete(null);
    });
  }

  /** Replaces the supply and what was answered to it before; see {@link AddressPool#supply}. */
  public CompletableFuture<Void> supply(Supply next, List<Supply.Mark> alreadyAnswered) {
    turn.lock();
    try {
      CompletableFuture<Void> taken =
          ask(done -> {
            allocator.supply(next, alreadyAnswered, clock.instant());
            done.complete(null);
          });
      // STATUS is judged by the view, and must not be of the supply before.
      show();
      return taken;
    } finally {
      turn.unlock();
    }
  }

  /** How long addresses rest from now on; what rests already is not touched. */
  public void cooldown(Duration value) {
    cooldown = value;
  }

  /** Takes up an attachment that the kernel has and the journal lost. */
  public CompletableFuture<Void> adopt(Attachment attachment) {
    return ask(done -> {
      List<JournalRecord> records = allocator.adopt(attachment);
      if (!records.isEmpty()) {
        tryAppend(records);
        var _ = journal.sync();
      }
      done.complete(null);
    });
  }

  /** Everything that holds addresses at the moment. */
  public Map<AttachmentId, Holding> holdings() {
    turn.lock();
    try {
      return allocator.holdings();
    } finally {
      turn.unlock();
    }
  }

  /** The addresses that somebody had when an earlier process ended, or a short time before. */
  public Set<IpAddress> known() {
    return known;
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
    act(() -> {
      try {
        step.run(done);
      } catch (IOException | RuntimeException e) {
        done.completeExceptionally(e);
      }
    });
    return done;
  }

  /** Takes a turn: what is asked, what can be decided now, and what others see of it. */
  private void act(Runnable message) {
    turn.lock();
    try {
      message.run();
      decide();
      acted.signal();
    } finally {
      turn.unlock();
    }
  }

  private void run() {
    turn.lock();
    try {
      while (!closed) {
        try {
          if (acted.awaitNanos(untilNextEvent().toNanos()) <= 0) {
            decide();
          }
          show();
          compactIfLong();
        } catch (InterruptedException e) {
          return;
        } catch (RuntimeException e) {
          LOG.error("the ledger met a state it does not know", e);
        }
      }
    } finally {
      turn.unlock();
    }
  }

  private void decide() {
    Optional<Allocator.Decision> decision = allocator.next(clock.instant());
    // Closing has cancelled whoever waits.
    while (decision.isPresent() && !closed) {
      answer(decision.get());
      decision = allocator.next(clock.instant());
    }
  }

  private Duration untilNextEvent() {
    Instant now = clock.instant();
    Duration wait = Duration.between(now, allocator.nextEvent(now).orElse(now.plus(IDLE)));
    return wait.isNegative() ? Duration.ZERO : wait.compareTo(IDLE) > 0 ? IDLE : wait;
  }

  private void answer(Allocator.Decision decision) {
    ReserveOutcome outcome =
        switch (decision) {
          case Allocator.Decision.Grant grant -> record(grant);
          case Allocator.Decision.Exists(long _, Attachment attachment) ->
              new ReserveOutcome.Exists(attachment);
          case Allocator.Decision.Exhausted(long _, String shortage) ->
              new ReserveOutcome.Exhausted(shortage);
        };
    tell(decision.ticket(), outcome);
  }

  private ReserveOutcome record(Allocator.Decision.Grant grant) {
    try {
      journal.append(List.of(grant.record()));
      observer.granted(grant.waited());
      return new ReserveOutcome.Granted(grant.attachment(), grant.earmark());
    } catch (IOException e) {
      allocator.revoke(grant, clock.instant());
      return new ReserveOutcome.Unrecordable(String.valueOf(e));
    }
  }

  private void tell(long ticket, ReserveOutcome outcome) {
    CompletableFuture<ReserveOutcome> asked = waiting.remove(ticket);
    if (asked != null) {
      asked.complete(outcome);
    }
  }

  private void cancel(AttachmentId id) {
    allocator.cancel(id).forEach(ticket -> tell(ticket, new ReserveOutcome.Cancelled()));
  }

  private void tryAppend(List<JournalRecord> records) {
    try {
      journal.append(records);
    } catch (IOException e) {
      LOG.warn(
          "the journal cannot be written, the next start will find out by the links: {}",
          e.toString());
    }
  }

  private void compactIfLong() {
    if (journal.length() <= compactAbove) {
      return;
    }
    try {
      journal.compact(allocator.live());
    } catch (IOException e) {
      LOG.warn("the journal cannot be compacted: {}", e.toString());
    }
    compactAbove = Math.max(COMPACT_AT_LEAST, journal.length() * 4);
  }

  /** Counting the pool takes longer than a decision, so nobody who asks for one waits for it. */
  private void show() {
    PoolView now = allocator.view();
    if (!now.equals(view)) {
      view = now;
      observer.changed(now);
    }
  }

  /** Ends the thread after what was asked before. Waiting requests are cancelled. */
  @Override
  public void close() throws IOException {
    act(() -> {
      closed = true;
      waiting.values().forEach(outcome -> outcome.complete(new ReserveOutcome.Cancelled()));
      waiting.clear();
    });
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    journal.close();
  }
}
