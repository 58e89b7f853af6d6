package io.portolan.sim.ec2.model;

import java.time.Instant;

/**
 * Something that happens by itself, once its time has come.
 *
 * @param subject the instance or attachment it happens to; if that is gone, nothing happens
 * @param order tells transitions of the same instant apart
 */
public record Transition(Instant at, long order, ResourceId subject, Kind kind)
    implements Comparable<Transition> {
  /** What happens. */
  public enum Kind {
    RUNNING,
    TERMINATED,
    /** A terminated instance is no longer listed. */
    FORGOTTEN,
    ATTACHED,
    DETACHED
  }

  @Override
  public int compareTo(Transition other) {
    int byTime = at.compareTo(other.at);
    return byTime != 0 ? byTime : Long.compare(order, other.order);
  }
}
