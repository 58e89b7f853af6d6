package io.portolan.sim.ec2.model;

import java.time.Instant;

/**
 * @param reservation which RunInstances request it came from
 * @param launchIndex its place among the instances of that request, from 0
 * @param primaryInterface the interface at device index 0 of card 0, which cannot be detached
 */
public record Instance(
    ResourceId id,
    ResourceId reservation,
    int launchIndex,
    String type,
    String image,
    ResourceId vpc,
    ResourceId subnet,
    String zone,
    ResourceId primaryInterface,
    State state,
    Instant launched,
    String clientToken)
    implements Resource {

  /** With the codes of EC2's InstanceState. */
  public enum State {
    PENDING(0, "pending"),
    RUNNING(16, "running"),
    SHUTTING_DOWN(32, "shutting-down"),
    TERMINATED(48, "terminated");

    private final int code;
    private final String text;

    State(int code, String text) {
      this.code = code;
      this.text = text;
    }

    public int code() {
      return code;
    }

    public String text() {
      return text;
    }
  }

  /** Whether interfaces can be attached: not on the way out. */
  public boolean isAlive() {
    return state == State.PENDING || state == State.RUNNING;
  }

  public Instance with(State changed) {
    return new Instance(
        id,
        reservation,
        launchIndex,
        type,
        image,
        vpc,
        subnet,
        zone,
        primaryInterface,
        changed,
        launched,
        clientToken);
  }
}
