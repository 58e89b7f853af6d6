package io.portolan.policy.agent;

import io.portolan.common.net.IpAddress;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.PodName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Decides over addresses in containers that no known pod has: most are those of a pod whose status
 * does not show them yet, and until it does they are closed. Few never become a pod's, as those of
 * containers that Kubernetes knows nothing of; these are opened again.
 *
 * <pre>
 *  there before the pods were listed ──(listed)──┐
 *                                                v
 *  new ─────────────────────────────────────> closed ──> open, told of
 *                                                │   after {@link #PATIENCE} if no pod of the node
 *  was a pod's that is gone ──> closed for good  │   waits for an address, else after {@link #LIMIT}
 *                                                └──> a pod has it, or nothing leads there any more
 * </pre>
 *
 * <p>Remembers; times come from outside. Not thread-safe.
 */
final class UnclaimedLinks {
  /** By then the API server has told of a pod, even of one that the kubelet knew before it. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  /** A pod may wait for its address for ever; whoever is no pod shall not be cut off with it. */
  static final Duration LIMIT = Duration.ofMinutes(2);

  /** No pod can have it. */
  private static final PodName NOBODY = new PodName("", "unclaimed");

  private final TreeMap<Claim, Entry> entries = new TreeMap<>();
  private final Set<Claim> ended = new HashSet<>();

  /** An address and what leads to it. */
  record Claim(String link, IpAddress address) implements Comparable<Claim> {
    private static final Comparator<Claim> ORDER =
        Comparator.comparing(Claim::link).thenComparing(Claim::address);

    @Override
    public int compareTo(Claim other) {
      return ORDER.compare(this, other);
    }

    /** As a pod, to which no object of the API ever belongs, so that it stays isolated. */
    LocalPod pod() {
      return new LocalPod(NOBODY, "unclaimed/" + address, link, List.of(address));
    }
  }

  private enum State {
    SEEN,
    CLOSED,
    OPEN
  }

  private record Entry(State state, long since, boolean forGood) {}

  /** What is to be done. */
  sealed interface Step {
    Claim claim();

    /** Isolate it, now. */
    record Close(Claim claim) implements Step {}

    /** Isolate it with the first rules of all. */
    record CloseWithTheRest(Claim claim) implements Step {}

    /** It is no pod's, as far as can be known. */
    record Open(Claim claim) implements Step {}

    /** A pod has it, or it is gone. */
    record Forget(Claim claim) implements Step {}
  }

  /** A pod that had it has gone: whatever leads there still is its container. */
  void ended(Claim claim) {
    ended.add(claim);
  }

  /**
   * The steps to take, to be taken at once.
   *
   * @param present the addresses in containers that no pod has, with what leads there
   * @param first whether nobody looked before
   * @param listed whether all pods are known that were there when we began
   * @param awaited whether a pod of this node has no known address
   * @param now in nanoseconds, from any origin
   */
  List<Step> next(Set<Claim> present, boolean first, boolean listed, boolean awaited, long now) {
    List<Step> steps = new ArrayList<>();
    ended.retainAll(present);
    for (Map.Entry<Claim, Entry> gone : List.copyOf(entries.entrySet())) {
      if (!present.contains(gone.getKey())) {
        entries.remove(gone.getKey());
        if (gone.getValue().state() == State.CLOSED) {
          steps.add(new Step.Forget(gone.getKey()));
        }
      }
    }
    for (Claim claim : present.stream().sorted().toList()) {
      Entry entry = entries.get(claim);
      if (entry == null) {
        State state = first && !listed ? State.SEEN : State.CLOSED;
        entries.put(claim, new Entry(state, now, ended.contains(claim)));
        if (state == State.CLOSED) {
          steps.add(new Step.Close(claim));
        }
      } else if (listed && entry.state() == State.SEEN) {
        entries.put(claim, new Entry(State.CLOSED, now, entry.forGood()));
        steps.add(new Step.CloseWithTheRest(claim));
      } else if (listed && entry.state() == State.CLOSED && isOver(entry, awaited, now)) {
        entries.put(claim, new Entry(State.OPEN, now, false));
        steps.add(new Step.Open(claim));
      }
    }
    return steps;
  }

  /** How many are closed, and how many were opened again. */
  long closed() {
    return count(State.CLOSED);
  }

  long opened() {
    return count(State.OPEN);
  }

  private long count(State state) {
    return entries.values().stream().filter(entry -> entry.state() == state).count();
  }

  private static boolean isOver(Entry entry, boolean awaited, long now) {
    long age = now - entry.since();
    return !entry.forGood() && age >= (awaited ? LIMIT : PATIENCE).toNanos();
  }
}
