package io.portolan.sim.ec2.action;

/** One operation of the API. */
@FunctionalInterface
public interface Action {
  /**
   * Pure: the same parameters in the same turn give the same outcome.
   *
   * @throws io.portolan.sim.ec2.model.Ec2Refusal if EC2 would refuse
   */
  Outcome perform(Query query, Turn turn);
}
