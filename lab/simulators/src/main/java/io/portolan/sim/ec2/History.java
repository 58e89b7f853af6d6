package io.portolan.sim.ec2;

import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.Passage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * The states a world was in, as far back as a stale read may see. Owned by one thread at a time.
 */
final class History {
  private record Moment(Instant at, Ec2State state) {}

  private final Deque<Moment> moments = new ArrayDeque<>();

  void add(Instant at, Ec2State state, Duration reach) {
    moments.addLast(new Moment(at, state));
    Instant oldest = at.minus(reach);
    // The first moment kept lies at or before the oldest instant a read may ask for.
    while (moments.size() > 1 && !second().at.isAfter(oldest)) {
      moments.removeFirst();
    }
  }

  /** What was known at {@code when}, with everything that had come due by then. */
  Ec2State at(Instant when) {
    Iterator<Moment> latestFirst = moments.descendingIterator();
    Ec2State state = Ec2State.EMPTY;
    while (latestFirst.hasNext()) {
      Moment moment = latestFirst.next();
      state = moment.state;
      if (!moment.at.isAfter(when)) {
        break;
      }
    }
    return Passage.settle(state, when);
  }

  private Moment second() {
    Iterator<Moment> iterator = moments.iterator();
    iterator.next();
    return iterator.next();
  }
}
