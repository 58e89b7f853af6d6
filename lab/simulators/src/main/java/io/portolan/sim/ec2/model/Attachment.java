package io.portolan.sim.ec2.model;

import java.time.Instant;
import java.util.Locale;

/** That an interface is, becomes or ceases to be part of an instance. */
public record Attachment(
    ResourceId id,
    ResourceId instance,
    int deviceIndex,
    int cardIndex,
    boolean deleteOnTermination,
    Instant since,
    Phase phase) {

  /** Packets flow in {@link #ATTACHED} only. */
  public enum Phase {
    ATTACHING,
    ATTACHED,
    DETACHING;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public boolean isPrimary() {
    return deviceIndex == 0 && cardIndex == 0;
  }

  public Attachment with(Phase changed) {
    return new Attachment(
        id, instance, deviceIndex, cardIndex, deleteOnTermination, since, changed);
  }

  public Attachment withDeleteOnTermination(boolean changed) {
    return new Attachment(id, instance, deviceIndex, cardIndex, changed, since, phase);
  }
}
