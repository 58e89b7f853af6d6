package io.portolan.node.ipam;

import io.portolan.common.net.IpAddress;
import io.portolan.node.endpoint.Attachment;
import io.portolan.node.endpoint.AttachmentId;
import io.portolan.node.journal.JournalRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Who holds which addresses, who waits for some, and what the journal must say of it. Pure: time
 * comes as a parameter, what is to be written comes back as records, the same calls give the same
 * answers. Not for several threads; {@link Ledger} is the one that owns it.
 *
 * <p>GOALS: requests are served in the order in which they came, none before its predecessor; one
 * that waited too long is told why; replaying what was returned as records, with the grants that
 * were written, gives the same holdings and the same resting addresses.
 */
final class Allocator {
  private final AddressPool pool = new AddressPool();
  private final Map<AttachmentId, Holding> holdings = new TreeMap<>();
  private final Deque<Waiter> waiters = new ArrayDeque<>();
  private Instant opening = Instant.MIN;

  private long earmarked;

  /** By the name of the host's end. */
  private final Map<String, Earmark> earmarks = new HashMap<>();

  /**
   * A request that is not answered yet.
   *
   * @param ticket names the request in the decision on it
   */
  private record Waiter(long ticket, Ledger.Request request, Instant since, Instant deadline) {}

  /** What became of a request; it is forgotten with that. */
  sealed interface Decision {
    long ticket();

    /**
     * The addresses are taken. If {@link #record} cannot be written, {@link #revoke} takes it back.
     *
     * @param earmark what the addresses were kept by, if they were
     * @param waited from the request to this decision
     */
    record Grant(long ticket, Attachment attachment, Optional<Earmark> earmark, Duration waited)
        implements Decision {
      JournalRecord record() {
        return new JournalRecord.Reserved(attachment);
      }
    }

    /** The attachment has addresses already. */
    record Exists(long ticket, Attachment attachment) implements Decision {}

    /** The deadline passed; {@code shortage} says in a sentence what is missing. */
    record Exhausted(long ticket, String shortage) implements Decision {}
  }

  /**
   * @param attachment the attachment that is to go, if there is one
   * @param records what the journal must say; empty if it says so already
   */
  record Detachment(Optional<Attachment> attachment, List<JournalRecord> records) {}

  /**
   * Takes up what an earlier process wrote.
   *
   * @param latest no address rests longer than this: a clock that went backwards must not keep one
   *     out of use
   * @throws IllegalStateException if the records contradict each other
   */
  void replay(List<JournalRecord> records, Instant latest) {
    for (JournalRecord record : records) {
      switch (record) {
        case JournalRecord.Reserved(Attachment attachment) ->
            restore(attachment, Holding.Phase.RESERVED);
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

  /** The addresses that are held or rest. */
  Set<IpAddress> known() {
    Set<IpAddress> known = new HashSet<>(pool.resting().keySet());
    holdings.values().forEach(holding -> known.addAll(holding.attachment().addresses()));
    return Set.copyOf(known);
  }

  private void restore(Attachment attachment, Holding.Phase phase) {
    attachment.addresses().forEach(a -> pool.restoreHeld(a, attachment.id().toString()));
    holdings.put(attachment.id(), new Holding(attachment, phase));
  }

  private void phase(AttachmentId id, Holding.Phase phase) {
    holdings.computeIfPresent(id, (_, holding) -> holding.in(phase));
  }

  /** Queues a request for one address of each family that the pool has blocks of. */
  void ask(long ticket, Ledger.Request request, Instant now, Duration patience) {
    waiters.add(new Waiter(ticket, request, now, now.plus(patience)));
  }

  /**
   * The next decision that can be made now; asked until there is none. Between two of them a grant
   * may be revoked.
   */
  Optional<Decision> next(Instant now) {
    pool.advance(now);
    if (waiters.isEmpty()) {
      return Optional.empty();
    }
    Optional<Decision> first = Optional.ofNullable(waiters.peek()).flatMap(w -> grant(w, now));
    if (first.isPresent()) {
      waiters.remove();
      return first;
    }
    Optional<Waiter> expected =
        waiters.stream().filter(w -> earmarks.containsKey(w.request.hostInterface())).findFirst();
    if (expected.isPresent()) {
      Optional<Decision> decision = grant(expected.get(), now);
      decision.ifPresent(_ -> waiters.remove(expected.get()));
      return decision;
    }
    Optional<Waiter> late = waiters.stream().filter(w -> !w.deadline.isAfter(now)).findFirst();
    late.ifPresent(waiters::remove);
    return late.<Decision>map(w ->
        new Decision.Exhausted(
            w.ticket,
            now.isBefore(opening)
                ? "the machine has just restarted, all addresses rest until " + opening
                : pool.shortage()));
  }

  private Optional<Decision> grant(Waiter waiter, Instant now) {
    Ledger.Request request = waiter.request;
    Holding existing = holdings.get(request.id());
    if (existing != null) {
      return Optional.of(new Decision.Exists(waiter.ticket, existing.attachment()));
    }
    if (now.isBefore(opening)) {
      return Optional.empty();
    }
    Optional<Earmark> kept = kept(request);
    return kept.map(Earmark::addresses)
        .or(() -> pool.take(request.id().toString(), pool.families(), now))
        .<Decision>map(addresses -> {
          Attachment attachment =
              new Attachment(
                  request.id(), request.pod(), request.netns(), request.hostInterface(), addresses);
          holdings.put(attachment.id(), new Holding(attachment, Holding.Phase.RESERVED));
          return new Decision.Grant(
              waiter.ticket, attachment, kept, Duration.between(waiter.since, now));
        });
  }

  /** Nothing is granted before {@code time}. */
  void restUntil(Instant time) {
    opening = time;
  }

  private Optional<Earmark> kept(Ledger.Request request) {
    Earmark kept = earmarks.get(request.hostInterface());
    // One of addresses the cloud has taken away is left to its owner, who withdraws it.
    if (kept == null || !pool.isCurrent(kept.addresses())) {
      return Optional.empty();
    }
    earmarks.remove(request.hostInterface());
    return Optional.of(kept);
  }

  /** Takes back a grant. No pod ever had the addresses, so they need not rest. */
  void revoke(Decision.Grant grant, Instant now) {
    holdings.remove(grant.attachment().id());
    putBack(grant.attachment().addresses(), now);
  }

  /**
   * Keeps addresses for an interface that will ask for them: the next request with that host
   * interface gets them, before its turn. Not remembered by the journal, as no pod has them.
   *
   * @return empty if there are none to spare, or the interface has addresses or keeps some already
   */
  Optional<Earmark> earmark(String hostInterface, Instant now) {
    boolean served =
        earmarks.containsKey(hostInterface)
            || holdings.values().stream()
                .anyMatch(h -> h.attachment().hostInterface().equals(hostInterface));
    if (served || !waiters.isEmpty() || now.isBefore(opening)) {
      return Optional.empty();
    }
    return pool.take("the interface " + hostInterface + " to be", pool.families(), now)
        .map(addresses -> {
          Earmark earmark = new Earmark(++earmarked, addresses);
          earmarks.put(hostInterface, earmark);
          return earmark;
        });
  }

  boolean isEarmarkCurrent(String hostInterface) {
    Earmark earmark = earmarks.get(hostInterface);
    return earmark == null || pool.isCurrent(earmark.addresses());
  }

  /**
   * Ends an earmark nobody asked for. Its addresses stay out of use until they are {@link
   * #putBack}.
   */
  Optional<Earmark> withdraw(String hostInterface) {
    return Optional.ofNullable(earmarks.remove(hostInterface));
  }

  void putBack(List<IpAddress> addresses, Instant now) {
    addresses.forEach(address -> pool.putBack(address, now));
  }

  /** Forgets the requests of {@code id} that wait; their tickets. */
  List<Long> cancel(AttachmentId id) {
    List<Long> tickets =
        waiters.stream().filter(w -> w.request.id().equals(id)).map(Waiter::ticket).toList();
    waiters.removeIf(w -> w.request.id().equals(id));
    return tickets;
  }

  /**
   * The interface works.
   *
   * @return false if that is no news, or comes late because the attachment is to go already
   */
  boolean attached(AttachmentId id) {
    Holding holding = holdings.get(id);
    boolean reserved = holding != null && holding.phase() == Holding.Phase.RESERVED;
    if (reserved) {
      phase(id, Holding.Phase.ATTACHED);
    }
    return reserved;
  }

  /** The attachment is to go. */
  Detachment detach(AttachmentId id) {
    Optional<Holding> holding = Optional.ofNullable(holdings.get(id));
    boolean news = holding.filter(h -> h.phase() != Holding.Phase.DETACHING).isPresent();
    phase(id, Holding.Phase.DETACHING);
    return new Detachment(
        holding.map(Holding::attachment),
        news ? List.of(new JournalRecord.Detaching(id)) : List.of());
  }

  /**
   * Ends the holding; its addresses rest until {@code until}. Returns what the journal must say.
   */
  List<JournalRecord> release(AttachmentId id, Instant until) {
    Holding holding = holdings.remove(id);
    if (holding == null) {
      return List.of();
    }
    List<JournalRecord> records = new ArrayList<>();
    for (IpAddress address : holding.attachment().addresses()) {
      pool.release(address, until);
      records.add(new JournalRecord.Cooling(address, until));
    }
    records.add(new JournalRecord.Released(id));
    return records;
  }

  /** Takes up an attachment that the kernel has. Returns what the journal must say. */
  List<JournalRecord> adopt(Attachment attachment) {
    if (holdings.containsKey(attachment.id())) {
      return List.of();
    }
    restore(attachment, Holding.Phase.ATTACHED);
    return List.of(
        new JournalRecord.Reserved(attachment), new JournalRecord.Attached(attachment.id()));
  }

  /** See {@link AddressPool#restoreAnswers} and {@link AddressPool#supply}. */
  void supply(Supply next, List<Supply.Mark> alreadyAnswered, Instant now) {
    pool.restoreAnswers(alreadyAnswered);
    pool.supply(next, now);
  }

  /** When {@link #next} may have something new without another call; empty if never. */
  Optional<Instant> nextEvent(Instant now) {
    return Stream.of(
            waiters.stream().map(Waiter::deadline).min(Instant::compareTo),
            pool.nextRested(),
            Optional.of(opening).filter(now::isBefore))
        .flatMap(Optional::stream)
        .min(Instant::compareTo);
  }

  /** Records that give the present state when they are all a journal has. */
  List<JournalRecord> live() {
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
    return live;
  }

  Map<AttachmentId, Holding> holdings() {
    return Map.copyOf(holdings);
  }

  PoolView view() {
    AddressPool.Counts counts = pool.counts();
    return new PoolView(
        counts.held(),
        counts.resting(),
        pool.free(),
        waiters.size(),
        pool.hasRoom(pool.families()),
        pool.answers(),
        pool.orphans());
  }
}
