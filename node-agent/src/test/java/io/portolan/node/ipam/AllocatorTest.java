package io.portolan.node.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.MacAddress;
import io.portolan.node.endpoint.Attachment;
import io.portolan.node.endpoint.AttachmentId;
import io.portolan.node.journal.JournalRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The ledger's decisions, in virtual time. */
class AllocatorTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration REST = Duration.ofSeconds(30);

  private final Allocator allocator = new Allocator();
  private Instant now = START;
  private long tickets;

  private static Supply supply(int addresses) {
    return supply(
        IntStream.range(0, addresses)
            .mapToObj(i -> "10.0.0." + (i + 1) + "/32")
            .toArray(String[]::new));
  }

  private static Supply supply(String... blocks) {
    return new Supply(
        1,
        List.of(),
        List.of(
            new Supply.CloudInterface(
                "eni-1",
                new MacAddress(1),
                0,
                0,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Stream.of(blocks).map(Cidr::parse).toList())),
        List.of(),
        List.of());
  }

  private static AttachmentId id(String container) {
    return new AttachmentId("portolan", container, "eth0");
  }

  private void supplied(int addresses) {
    allocator.supply(supply(addresses), List.of(), now);
  }

  private void asks(String container) {
    allocator.ask(
        ++tickets,
        new Ledger.Request(id(container), Optional.empty(), "/run/netns/" + container, "eni0"),
        now,
        PATIENCE);
  }

  private void passes(Duration time) {
    now = now.plus(time);
  }

  /** Every decision that can be made now. */
  private List<String> decisions() {
    List<String> decisions = new ArrayList<>();
    for (Optional<Allocator.Decision> next = allocator.next(now);
        next.isPresent();
        next = allocator.next(now)) {
      decisions.add(text(next.get()));
    }
    return decisions;
  }

  private static String text(Allocator.Decision decision) {
    return decision.ticket()
        + switch (decision) {
          case Allocator.Decision.Grant grant ->
              " " + grant.attachment().addresses() + " after " + grant.waited().toSeconds() + " s";
          case Allocator.Decision.Exists exists -> " exists " + exists.attachment().addresses();
          case Allocator.Decision.Exhausted exhausted -> " " + exhausted.shortage();
        };
  }

  private String state() {
    Map<AttachmentId, String> holdings = new TreeMap<>();
    allocator
        .holdings()
        .forEach((id, h) -> holdings.put(id, h.phase() + " " + h.attachment().addresses()));
    PoolView view = allocator.view();
    return holdings
        + ", resting "
        + view.resting()
        + ", free "
        + view.free()
        + ", waiting "
        + view.waiting();
  }

  @Test
  void givesNothingBeforeTheRestAfterARestartIsOver() {
    supplied(2);
    allocator.restUntil(now.plusSeconds(20));
    asks("a");
    assertThat(decisions()).isEmpty();
    assertThat(allocator.nextEvent(now)).contains(now.plusSeconds(20));
    passes(Duration.ofSeconds(20));
    assertThat(decisions()).containsExactly("1 [10.0.0.1] after 20 s");
    assertThat(allocator.nextEvent(now)).isEmpty();

    allocator.restUntil(now.plusSeconds(90));
    asks("b");
    passes(PATIENCE);
    assertThat(decisions())
        .containsExactly(
            "2 the machine has just restarted, all addresses rest until 2026-01-01T00:01:50Z");
  }

  private void asks(String container, String hostInterface) {
    allocator.ask(
        ++tickets,
        new Ledger.Request(
            id(container), Optional.empty(), "/run/netns/" + container, hostInterface),
        now,
        PATIENCE);
  }

  private String earmark(String hostInterface) {
    return allocator
        .earmark(hostInterface, now)
        .map(e -> e.number() + " " + e.addresses())
        .orElse("none");
  }

  @Test
  void keepsAddressesForAnInterfaceThatIsExpected() {
    supplied(3);
    assertThat(earmark("eni-x")).isEqualTo("1 [10.0.0.1]");
    assertThat(earmark("eni-x")).isEqualTo("none");
    asks("other", "eni-other");
    asks("x", "eni-x");
    assertThat(decisions()).containsExactly("1 [10.0.0.2] after 0 s", "2 [10.0.0.1] after 0 s");
    assertThat(earmark("eni-x")).as("has addresses").isEqualTo("none");
    assertThat(allocator.withdraw("eni-x")).as("used").isEmpty();

    assertThat(earmark("eni-y")).isEqualTo("2 [10.0.0.3]");
    asks("late", "eni-late");
    assertThat(decisions()).isEmpty();
    assertThat(earmark("eni-z")).as("somebody waits").isEqualTo("none");
    Earmark withdrawn = allocator.withdraw("eni-y").orElseThrow();
    assertThat(decisions()).as("out of use until it is put back").isEmpty();
    allocator.putBack(withdrawn.addresses(), now);
    assertThat(decisions()).containsExactly("3 [10.0.0.3] after 0 s");
  }

  @Test
  void anExpectedRequestPassesThoseThatWaitAndAMissingAddressIsNotGiven() {
    supplied(2);
    assertThat(earmark("eni-x")).isEqualTo("1 [10.0.0.1]");
    assertThat(earmark("eni-y")).isEqualTo("2 [10.0.0.2]");
    asks("late", "eni-late");
    asks("x", "eni-x");
    assertThat(decisions()).containsExactly("2 [10.0.0.1] after 0 s");

    // The cloud takes away what is kept for y, and gives another address.
    allocator.supply(supply("10.0.0.1/32", "10.0.0.9/32"), List.of(), now);
    assertThat(allocator.isEarmarkCurrent("eni-y")).isFalse();
    assertThat(decisions()).containsExactly("1 [10.0.0.9] after 0 s");
    asks("y", "eni-y");
    assertThat(decisions()).isEmpty();
    allocator.supply(supply("10.0.0.1/32", "10.0.0.9/32", "10.0.0.8/32"), List.of(), now);
    assertThat(decisions()).containsExactly("3 [10.0.0.8] after 0 s");
  }

  @Test
  void servesRequestsInTheOrderTheyCameAndSaysHowLongTheyWaited() {
    asks("a");
    asks("b");
    asks("c");
    assertThat(decisions()).isEmpty();
    assertThat(allocator.nextEvent(now)).contains(START.plus(PATIENCE));
    passes(Duration.ofSeconds(4));
    supplied(2);
    assertThat(decisions()).containsExactly("1 [10.0.0.1] after 4 s", "2 [10.0.0.2] after 4 s");
    assertThat(state())
        .isEqualTo(
            "{portolan/a/eth0=RESERVED [10.0.0.1], portolan/b/eth0=RESERVED [10.0.0.2]},"
                + " resting 0, free 0, waiting 1");
    passes(Duration.ofSeconds(1));
    supplied(3);
    assertThat(decisions()).containsExactly("3 [10.0.0.3] after 5 s");
  }

  @Test
  void tellsWhoWaitsTooLongWhatIsMissingAndNobodyElse() {
    asks("a");
    passes(Duration.ofSeconds(10));
    asks("b");
    passes(PATIENCE.minusSeconds(10).minusMillis(1));
    assertThat(decisions()).isEmpty();
    passes(Duration.ofMillis(1));
    assertThat(decisions())
        .containsExactly("1 the cloud has not given this node any pod address yet");
    assertThat(allocator.nextEvent(now)).contains(now.plusSeconds(10));
    supplied(1);
    assertThat(decisions()).containsExactly("2 [10.0.0.1] after 20 s");
    assertThat(allocator.nextEvent(now)).isEmpty();
  }

  @Test
  void answersAnAttachmentThatExistsWithoutTakingAnything() {
    supplied(2);
    asks("a");
    asks("a");
    assertThat(decisions()).containsExactly("1 [10.0.0.1] after 0 s", "2 exists [10.0.0.1]");
    assertThat(allocator.view().free()).isEqualTo(1);
  }

  @Test
  void forgetsRequestsThatAreCancelled() {
    asks("a");
    asks("b");
    asks("a");
    assertThat(allocator.cancel(id("a"))).containsExactly(1L, 3L);
    supplied(3);
    assertThat(decisions()).containsExactly("2 [10.0.0.1] after 0 s");
  }

  @Test
  void aGrantThatCannotBeRecordedLeavesNoTraceAndNeedsNoRest() {
    supplied(1);
    String before = state();
    asks("a");
    allocator.revoke((Allocator.Decision.Grant) allocator.next(now).orElseThrow(), now);
    assertThat(decisions()).isEmpty();
    assertThat(state()).isEqualTo(before);
    asks("b");
    assertThat(decisions()).containsExactly("2 [10.0.0.1] after 0 s");
  }

  @Test
  void whatIsReleasedRestsAndIsThenGivenToTheOneWhoWaits() {
    supplied(1);
    asks("a");
    assertThat(decisions()).hasSize(1);
    Allocator.Detachment detachment = allocator.detach(id("a"));
    assertThat(detachment.records()).containsExactly(new JournalRecord.Detaching(id("a")));
    assertThat(allocator.detach(id("a")))
        .isEqualTo(new Allocator.Detachment(detachment.attachment(), List.of()));
    assertThat(allocator.release(id("a"), now.plus(REST)))
        .containsExactly(
            new JournalRecord.Cooling(IpAddress.parse("10.0.0.1"), now.plus(REST)),
            new JournalRecord.Released(id("a")));
    assertThat(allocator.release(id("a"), now.plus(REST))).isEmpty();
    assertThat(allocator.detach(id("a")))
        .isEqualTo(new Allocator.Detachment(Optional.empty(), List.of()));
    passes(Duration.ofSeconds(1));
    asks("b");
    assertThat(decisions()).isEmpty();
    assertThat(allocator.nextEvent(now)).contains(START.plus(REST));
    passes(REST.minusSeconds(1));
    assertThat(decisions()).containsExactly("2 [10.0.0.1] after 29 s");
  }

  @Test
  void aClockThatWentBackwardsKeepsNoAddressForLongerThanARest() {
    allocator.replay(
        List.of(new JournalRecord.Cooling(IpAddress.parse("10.0.0.1"), now.plusSeconds(9999))),
        now.plus(REST));
    supplied(1);
    assertThat(allocator.nextEvent(now)).contains(now.plus(REST));
  }

  /** Whatever happened: the journal, whole or compacted, gives the same state again. */
  @Test
  void theJournalGivesTheStateAgain() {
    long seed = Long.getLong("portolan.seed", System.nanoTime());
    System.out.println("portolan.seed=" + seed);
    for (int run = 0; run < 200; run++) {
      Random random = new Random(seed + run);
      Allocator subject = new Allocator();
      List<JournalRecord> journal = new ArrayList<>();
      Instant time = START;
      subject.supply(supply(6), List.of(), time);
      for (int step = 0; step < 60; step++) {
        time = time.plusSeconds(random.nextInt(5));
        step(subject, random, time, journal);
        assertThat(described(replayed(journal, time), time))
            .as("seed %d, step %d: %s", seed + run, step, journal)
            .isEqualTo(described(subject, time));
        assertThat(described(replayed(subject.live(), time), time))
            .as("compacted, seed %d, step %d", seed + run, step)
            .isEqualTo(described(subject, time));
      }
    }
  }

  private static void step(
      Allocator subject, Random random, Instant time, List<JournalRecord> journal) {
    AttachmentId id = id("c" + random.nextInt(8));
    switch (random.nextInt(5)) {
      case 0, 1 ->
          subject.ask(
              0, new Ledger.Request(id, Optional.empty(), "", "eni0"), time, Duration.ofSeconds(9));
      case 2 -> {
        // Of an attachment that is to go, or is not there, it may come late.
        if (subject.attached(id)) {
          journal.add(new JournalRecord.Attached(id));
        }
      }
      case 3 -> journal.addAll(subject.detach(id).records());
      default -> journal.addAll(subject.release(id, time.plus(REST)));
    }
    for (Optional<Allocator.Decision> next = subject.next(time);
        next.isPresent();
        next = subject.next(time)) {
      if (next.get() instanceof Allocator.Decision.Grant grant) {
        if (random.nextInt(4) == 0) {
          subject.revoke(grant, time);
        } else {
          journal.add(grant.record());
        }
      }
    }
  }

  private static Allocator replayed(List<JournalRecord> journal, Instant time) {
    Allocator restarted = new Allocator();
    restarted.replay(journal, time.plus(REST));
    restarted.supply(supply(6), List.of(), time);
    return restarted;
  }

  private static String described(Allocator allocator, Instant time) {
    Optional<Allocator.Decision> none = allocator.next(time);
    assertThat(none).isEmpty();
    PoolView view = allocator.view();
    return new TreeMap<>(allocator.holdings())
        + " "
        + view.held()
        + " "
        + view.resting()
        + " "
        + view.free();
  }

  @Test
  void takesUpWhatTheKernelHasAndTheJournalLost() {
    supplied(2);
    Attachment found =
        new Attachment(id("a"), Optional.empty(), "", "eni0", List.of(IpAddress.parse("10.0.0.2")));
    assertThat(allocator.adopt(found))
        .containsExactly(new JournalRecord.Reserved(found), new JournalRecord.Attached(id("a")));
    assertThat(allocator.adopt(found)).isEmpty();
    assertThat(state())
        .isEqualTo("{portolan/a/eth0=ATTACHED [10.0.0.2]}, resting 0, free 1, waiting 0");
  }
}
