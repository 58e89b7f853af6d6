package io.portolan.sim.ec2.action;

import io.portolan.sim.ec2.model.Ec2State;
import java.util.List;

/**
 * What an operation made of a state.
 *
 * @param answer the parts of the response, without its envelope
 */
public record Outcome(Ec2State state, List<Element> answer) {
  public Outcome {
    answer = List.copyOf(answer);
  }

  public static Outcome of(Ec2State state, Element... answer) {
    return new Outcome(state, List.of(answer));
  }

  /** The answer of operations that have nothing to tell. */
  public static Outcome done(Ec2State state) {
    return of(state, Element.leaf("return", true));
  }
}
