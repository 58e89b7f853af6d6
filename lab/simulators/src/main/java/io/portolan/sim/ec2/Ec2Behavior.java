package io.portolan.sim.ec2;

import io.portolan.sim.ec2.action.Exhaustion;
import io.portolan.sim.fault.DelayRange;
import io.portolan.sim.fault.FaultPlan;
import io.portolan.sim.fault.FaultRule;
import java.util.ArrayList;
import java.util.List;

/**
 * How fast, how consistent, how generous and how reliable the simulated EC2 is. Can be replaced
 * while it runs.
 *
 * @param attach from attaching to attached
 * @param detach from detaching to available
 * @param launch from pending to running
 * @param terminate from shutting-down to terminated
 * @param describeLag how old the state is that Describe and Get requests see
 * @param imdsLag how old the state is that the instance metadata service shows
 * @param throttling whether requests draw on {@link RequestBuckets}
 * @param exhaustion how an exhausted subnet is reported
 * @param faults what goes wrong
 */
public record Ec2Behavior(
    DelayRange attach,
    DelayRange detach,
    DelayRange launch,
    DelayRange terminate,
    DelayRange describeLag,
    DelayRange imdsLag,
    boolean throttling,
    Exhaustion exhaustion,
    FaultPlan faults) {

  /** Everything at once, consistent, unlimited and reliable. */
  public static final Ec2Behavior PROMPT =
      new Ec2Behavior(
          DelayRange.NONE,
          DelayRange.NONE,
          DelayRange.NONE,
          DelayRange.NONE,
          DelayRange.NONE,
          DelayRange.NONE,
          false,
          Exhaustion.BY_CAUSE,
          FaultPlan.NONE);

  /**
   * Delays, stale reads and throttling of the order a busy account sees. The buckets are AWS's
   * published ones; the durations are chosen, AWS publishes none.
   */
  public static final Ec2Behavior REALISTIC =
      new Ec2Behavior(
          DelayRange.ofMillis(400, 2_000),
          DelayRange.ofMillis(500, 4_000),
          DelayRange.ofMillis(1_000, 5_000),
          DelayRange.ofMillis(1_000, 10_000),
          DelayRange.ofMillis(0, 500),
          DelayRange.ofMillis(0, 3_000),
          true,
          Exhaustion.BY_CAUSE,
          new FaultPlan(0, DelayRange.ofMillis(20, 120), List.of()));

  public Ec2Behavior withAttach(DelayRange changed) {
    return new Ec2Behavior(
        changed, detach, launch, terminate, describeLag, imdsLag, throttling, exhaustion, faults);
  }

  public Ec2Behavior withDetach(DelayRange changed) {
    return new Ec2Behavior(
        attach, changed, launch, terminate, describeLag, imdsLag, throttling, exhaustion, faults);
  }

  public Ec2Behavior withTerminate(DelayRange changed) {
    return new Ec2Behavior(
        attach, detach, launch, changed, describeLag, imdsLag, throttling, exhaustion, faults);
  }

  public Ec2Behavior withDescribeLag(DelayRange changed) {
    return new Ec2Behavior(
        attach, detach, launch, terminate, changed, imdsLag, throttling, exhaustion, faults);
  }

  public Ec2Behavior withImdsLag(DelayRange changed) {
    return new Ec2Behavior(
        attach, detach, launch, terminate, describeLag, changed, throttling, exhaustion, faults);
  }

  public Ec2Behavior withThrottling(boolean changed) {
    return new Ec2Behavior(
        attach, detach, launch, terminate, describeLag, imdsLag, changed, exhaustion, faults);
  }

  public Ec2Behavior withExhaustion(Exhaustion changed) {
    return new Ec2Behavior(
        attach, detach, launch, terminate, describeLag, imdsLag, throttling, changed, faults);
  }

  public Ec2Behavior withFaults(FaultPlan changed) {
    return new Ec2Behavior(
        attach, detach, launch, terminate, describeLag, imdsLag, throttling, exhaustion, changed);
  }

  /** The same with one more fault rule, after those it has. */
  public Ec2Behavior withRule(FaultRule rule) {
    List<FaultRule> rules = new ArrayList<>(faults.rules());
    rules.add(rule);
    return withFaults(new FaultPlan(faults.seed(), faults.latency(), rules));
  }
}
