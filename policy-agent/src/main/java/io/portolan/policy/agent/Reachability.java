package io.portolan.policy.agent;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.slf4j.event.Level;

/**
 * Tells that the API server is away, and back, once for all watches: of several that break soon
 * after one another the first is told of. One that breaks later may have a reason of its own.
 */
final class Reachability {
  private static final Duration SOON = Duration.ofMinutes(1);

  private final InstantSource clock;
  private final BiConsumer<Level, String> log;
  private final Set<Object> away = new HashSet<>();
  private Optional<Instant> told = Optional.empty();

  /**
   * @param log takes a line
   */
  Reachability(InstantSource clock, BiConsumer<Level, String> log) {
    this.clock = clock;
    this.log = log;
  }

  /**
   * A watch broke.
   *
   * @param watch itself or what stands for it
   */
  synchronized void lost(Object watch, String reason) {
    if (!away.add(watch)) {
      return;
    }
    Instant now = clock.instant();
    if (away.size() == 1 || told.filter(then -> now.isBefore(then.plus(SOON))).isEmpty()) {
      told = Optional.of(now);
      log.accept(Level.WARN, "the API server is away, rules stay as they are meanwhile: " + reason);
    }
  }

  /** A watch goes on, or ended. */
  synchronized void back(Object watch) {
    if (away.remove(watch) && away.isEmpty()) {
      log.accept(Level.INFO, "the API server is back");
    }
  }
}
