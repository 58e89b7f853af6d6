package io.portolan.common.pool;

import io.portolan.common.net.IpAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What the pods of a node need, as the API server shows it.
 *
 * @param pods bound, not finished, not on the host's network: each needs one address
 * @param busy addresses that pods report. Only a hint which ones to leave alone: that an address is
 *     unused is for the node agent to acknowledge
 * @param departures when pods of this node lately went away; their addresses are cooling
 */
public record NodeDemand(int pods, NavigableSet<IpAddress> busy, List<Instant> departures) {
  public static final NodeDemand NONE = new NodeDemand(0, new TreeSet<>(), List.of());

  public NodeDemand {
    if (pods < 0) {
      throw new IllegalArgumentException("pods is not negative");
    }
    busy = Collections.unmodifiableNavigableSet(new TreeSet<>(busy));
    departures = departures.stream().sorted().toList();
  }

  public static NodeDemand of(int pods) {
    return new NodeDemand(pods, new TreeSet<>(), List.of());
  }

  /** How many addresses still rest at {@code now}. */
  public int cooling(Instant now, Duration cooldown) {
    return (int) departures.stream().filter(d -> d.plus(cooldown).isAfter(now)).count();
  }

  /** When the next resting address is rested. */
  Optional<Instant> nextRested(Instant now, Duration cooldown) {
    return departures.stream().map(d -> d.plus(cooldown)).filter(now::isBefore).findFirst();
  }
}
