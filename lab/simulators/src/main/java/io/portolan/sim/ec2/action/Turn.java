package io.portolan.sim.ec2.action;

import io.portolan.sim.ec2.model.AddressOrder;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.InstanceTypes;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.ec2.model.ResourceKind;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * Everything an operation may depend on besides its parameters.
 *
 * @param state what to read and change; for a read it may be an old state
 * @param random seeded by the world's seed and the state's serial
 */
public record Turn(
    Ec2State state, Instant now, RandomGenerator random, Place place, Conduct conduct) {

  /** Where the world is, and what it offers. */
  public record Place(Region region, String account, InstanceTypes types, AddressOrder order) {}

  /** How long things take this time, and how exhaustion is spelt. */
  public record Conduct(
      Duration attach,
      Duration detach,
      Duration launch,
      Duration terminate,
      Exhaustion exhaustion) {
    public static final Conduct PROMPT =
        new Conduct(
            Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Exhaustion.BY_CAUSE);
  }

  public ResourceId newId(ResourceKind kind) {
    return ResourceId.random(kind, random);
  }

  /** An id of a kind that exists only inside another thing. */
  public String newAssociation(String prefix) {
    return String.format("%s-0%016x", prefix, random.nextLong());
  }
}
