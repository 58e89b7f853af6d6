package io.portolan.policy.agent;

import io.portolan.policy.model.PolicyId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/**
 * Finds by trial which policies the kernel refuses, when it refused the whole: which to leave out
 * so that it takes the rest.
 *
 * <p>ALGORITHM: first it leaves out growing circles of suspects, until the kernel takes what is
 * left. Within that circle it then looks for the first policy that the kernel refuses in addition
 * to those before it, by halving; that one stays out, and the search goes on behind it until what
 * is left is taken. One culprit among n suspects takes about log n attempts, k of them k log n. It
 * takes for granted that leaving out more never makes the kernel refuse what it took.
 *
 * <p>An accepted attempt is in force, so at every moment the kernel has a state in which what is
 * left out is closed. What was not decided when the attempts are used up stays left out.
 *
 * <p>Immutable: {@link #after} gives the next step.
 *
 * @param circles still to be tried, each containing the one before
 * @param culprits found so far
 * @param open suspects that are not decided yet, in order; the kernel took it when all of them were
 *     left out
 * @param taken how many of the first of {@code open} the kernel is known to take together
 * @param refused how many it is known to refuse together
 * @param accepted what was left out in the last attempt that was accepted; empty before that
 * @param attempts made so far
 */
record Bisection(
    List<SequencedSet<PolicyId>> circles,
    SequencedSet<PolicyId> culprits,
    List<PolicyId> open,
    int taken,
    int refused,
    Optional<SequencedSet<PolicyId>> accepted,
    int attempts) {

  /** Bounds how long the rest of the cluster's changes wait for a search. */
  static final int MOST = 48;

  /**
   * @param circles suspects, the likeliest first; each next one is taken together with all before
   */
  static Bisection among(List<? extends Collection<PolicyId>> circles) {
    List<SequencedSet<PolicyId>> growing = new ArrayList<>();
    SequencedSet<PolicyId> all = new LinkedHashSet<>();
    for (Collection<PolicyId> circle : circles) {
      if (all.addAll(circle)) {
        growing.add(new LinkedHashSet<>(all));
      }
    }
    return new Bisection(growing, new LinkedHashSet<>(), List.of(), 0, 0, Optional.empty(), 0);
  }

  /** What to leave out in the next attempt; empty when there is nothing left to try. */
  Optional<SequencedSet<PolicyId>> next() {
    if (accepted.isEmpty()) {
      return circles.isEmpty() ? Optional.empty() : Optional.of(circles.getFirst());
    }
    if (open.isEmpty() || attempts >= MOST) {
      return Optional.empty();
    }
    return Optional.of(without(tried()));
  }

  /** With the answer to the attempt that {@link #next} named. */
  Bisection after(boolean wasAccepted) {
    SequencedSet<PolicyId> attempt = next().orElseThrow();
    if (accepted.isEmpty()) {
      return wasAccepted
          ? new Bisection(
                  List.of(),
                  culprits,
                  List.copyOf(attempt),
                  0,
                  // The whole was refused, or there would be no search.
                  attempt.size(),
                  Optional.of(attempt),
                  attempts + 1)
              .narrowed()
          : new Bisection(
              circles.subList(1, circles.size()), culprits, open, 0, 0, accepted, attempts + 1);
    }
    int tried = tried();
    return (wasAccepted
            ? new Bisection(
                circles, culprits, open, tried, refused, Optional.of(attempt), attempts + 1)
            : new Bisection(circles, culprits, open, taken, tried, accepted, attempts + 1))
        .narrowed();
  }

  /**
   * What to leave out for good: what was left out when the kernel last accepted. Empty if it
   * accepted nothing, so that no policy is to blame.
   */
  Optional<SequencedSet<PolicyId>> result() {
    return accepted;
  }

  /** All if it is not known whether they are refused, else half way between. */
  private int tried() {
    return refused > open.size() ? open.size() : (taken + refused) >>> 1;
  }

  private SequencedSet<PolicyId> without(int kept) {
    SequencedSet<PolicyId> out = new LinkedHashSet<>(culprits);
    out.addAll(open.subList(kept, open.size()));
    return out;
  }

  /** Names the culprit if only one is left between what is taken and what is refused. */
  private Bisection narrowed() {
    if (taken == open.size()) {
      return new Bisection(circles, culprits, List.of(), 0, 0, accepted, attempts);
    }
    if (refused - taken > 1 || refused > open.size()) {
      return this;
    }
    SequencedSet<PolicyId> more = new LinkedHashSet<>(culprits);
    more.add(open.get(taken));
    List<PolicyId> rest = open.subList(refused, open.size());
    // Whether the rest is taken together is not known: one more than there are.
    return new Bisection(circles, more, rest, 0, rest.size() + 1, accepted, attempts);
  }
}
