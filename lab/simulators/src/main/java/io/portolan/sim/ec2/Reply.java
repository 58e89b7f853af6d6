package io.portolan.sim.ec2;

import io.portolan.sim.ec2.action.Element;
import io.portolan.sim.ec2.model.Ec2Error;
import java.time.Duration;
import java.util.List;

/**
 * How a call ended for the caller.
 *
 * @param delay how long the caller has to wait for it
 */
public record Reply(String requestId, Duration delay, Content content) {
  /** What arrives. */
  public sealed interface Content {}

  /** The operation was carried out. */
  public record Answer(List<Element> elements) implements Content {
    public Answer {
      elements = List.copyOf(elements);
    }
  }

  /** The operation was refused. */
  public record Refused(Ec2Error error) implements Content {}

  /** Nothing arrives; whether the operation was carried out, the caller cannot know. */
  public record Nothing() implements Content {}

  /** Something arrives that is not an answer. */
  public record Garbage() implements Content {}
}
