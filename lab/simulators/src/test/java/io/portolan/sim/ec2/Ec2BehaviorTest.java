package io.portolan.sim.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.sim.config.ConfigNode;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.fault.DelayRange;
import io.portolan.sim.fault.Fault;
import io.portolan.sim.fault.FaultPlan;
import io.portolan.sim.fault.FaultRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class Ec2BehaviorTest {
  private final SimulatedVpc aws = new SimulatedVpc("10.0.0.0/20");

  private void behave(Ec2Behavior behavior) {
    aws.world.behave(behavior);
  }

  private int callsUntilLimited(String action, String... parameters) {
    for (int calls = 0; ; calls++) {
      Reply.Content content = aws.world.call(action, SimulatedVpc.parameters(parameters)).content();
      if (content instanceof Reply.Refused refused
          && refused.error().code().equals("RequestLimitExceeded")) {
        assertThat(refused.error().status()).isEqualTo(503);
        return calls;
      }
    }
  }

  @Test
  void eachOperationHasItsPublishedBucket() {
    behave(Ec2Behavior.PROMPT.withThrottling(true));
    assertThat(callsUntilLimited("DescribeNetworkInterfaces")).isEqualTo(50);
    assertThat(callsUntilLimited("DescribeNetworkInterfaces", "MaxResults", "5")).isEqualTo(100);
    assertThat(callsUntilLimited("CreateNetworkInterface", "SubnetId", aws.subnet)).isEqualTo(100);
    assertThat(callsUntilLimited("AttachNetworkInterface")).as("refused calls count").isEqualTo(50);
    assertThat(callsUntilLimited("RunInstances")).isEqualTo(5);
  }

  @Test
  void bucketsRefillAtTheirRateAndNoFurther() {
    behave(Ec2Behavior.PROMPT.withThrottling(true));
    callsUntilLimited("CreateNetworkInterface", "SubnetId", aws.subnet);
    aws.time.advance(Duration.ofSeconds(3));
    assertThat(callsUntilLimited("CreateNetworkInterface", "SubnetId", aws.subnet)).isEqualTo(15);
    aws.time.advance(Duration.ofHours(1));
    assertThat(callsUntilLimited("CreateNetworkInterface", "SubnetId", aws.subnet)).isEqualTo(100);
  }

  @Test
  void aLostReplyHidesWhatWasDone() {
    behave(Ec2Behavior.PROMPT.withRule(FaultRule.once("Create*", new Fault.LostReply())));
    assertThat(create()).isEqualTo(new Reply.Nothing());
    assertThat(aws.world.view().interfaces()).hasSize(1);
    assertThat(create()).isInstanceOf(Reply.Answer.class);
    assertThat(aws.world.calls().counts().get("CreateNetworkInterface"))
        .isEqualTo(Map.of("lost-reply", 1L, "ok", 2L));
  }

  @Test
  void aLostRequestWasNeverMade() {
    behave(Ec2Behavior.PROMPT.withRule(FaultRule.once("Create*", new Fault.LostRequest())));
    assertThat(create()).isEqualTo(new Reply.Nothing());
    assertThat(aws.world.view().interfaces()).isEmpty();
  }

  @Test
  void garbageAndRefusalsChangeNothing() {
    behave(
        Ec2Behavior.PROMPT.withFaults(
            FaultPlan.of(
                0,
                FaultRule.once("*", new Fault.Garbage()),
                FaultRule.once("*", new Fault.Refusal("RequestExpired", 400, "late")))));
    assertThat(create()).isEqualTo(new Reply.Garbage());
    assertThat(aws.code("CreateNetworkInterface", "SubnetId", aws.subnet))
        .isEqualTo("RequestExpired");
    assertThat(aws.world.view().interfaces()).isEmpty();
  }

  @Test
  void slownessIsToldToTheCaller() {
    behave(
        Ec2Behavior.PROMPT.withFaults(
            new FaultPlan(
                0,
                DelayRange.parse("10ms"),
                List.of(FaultRule.once("*", new Fault.Slow(DelayRange.parse("2s")))))));
    assertThat(aws.world.call("DescribeVpcs", Map.of()).delay()).isEqualTo(Duration.ofMillis(2010));
    assertThat(aws.world.call("DescribeVpcs", Map.of()).delay()).isEqualTo(Duration.ofMillis(10));
  }

  @Test
  void staleReadsShowAnOldStateAndThenTheNewOne() {
    behave(Ec2Behavior.PROMPT.withDescribeLag(DelayRange.parse("5s")));
    aws.time.advance(Duration.ofMinutes(1));
    String eni = aws.eni();
    assertThat(aws.code("DescribeNetworkInterfaces", "NetworkInterfaceId.1", eni))
        .isEqualTo("InvalidNetworkInterfaceID.NotFound");
    assertThat(aws.world.view().networkInterface(ResourceId.parse(eni).orElseThrow())).isPresent();
    aws.time.advance(Duration.ofSeconds(5));
    aws.world.run("DescribeNetworkInterfaces", "NetworkInterfaceId.1", eni);
  }

  @Test
  void writesAreNeverStale() {
    behave(Ec2Behavior.PROMPT.withDescribeLag(DelayRange.parse("1m")));
    String eni = aws.eni();
    aws.world.run("DeleteNetworkInterface", "NetworkInterfaceId", eni);
    assertThat(aws.code("DeleteNetworkInterface", "NetworkInterfaceId", eni))
        .isEqualTo("InvalidNetworkInterfaceID.NotFound");
  }

  @Test
  void listenersSeeEveryChangeOnceAndReadsAreNone() {
    List<Integer> seen = new ArrayList<>();
    Runnable stop = aws.world.subscribe(view -> seen.add(view.interfaces().size()));
    aws.eni();
    aws.world.run("DescribeNetworkInterfaces");
    aws.code("CreateNetworkInterface", "SubnetId", "subnet-00000000");
    aws.eni();
    stop.run();
    aws.eni();
    assertThat(seen).containsExactly(0, 1, 2);
  }

  @Test
  void listenersHearOfWhatHappensByItself() {
    behave(Ec2Behavior.PROMPT.withAttach(DelayRange.parse("2s")));
    String instance = aws.instance("m5.large");
    aws.time.advance(Duration.ofSeconds(2));
    String eni = aws.eni();
    aws.attach(eni, instance, 1);
    List<Integer> attached = new ArrayList<>();
    aws.world.subscribe(
        view -> attached.add(view.attachedTo(ResourceId.parse(instance).orElseThrow()).size()));
    aws.time.advance(Duration.ofSeconds(2));
    assertThat(attached).containsExactly(1, 2);
  }

  @Test
  void aFailingListenerDoesNotSilenceTheOthers() {
    List<Long> seen = new ArrayList<>();
    aws.world.subscribe(_ -> {
      throw new IllegalStateException("deliberate");
    });
    aws.world.subscribe(view -> seen.add(view.revision()));
    aws.eni();
    aws.eni();
    assertThat(seen).hasSize(3);
  }

  @Test
  void aBehaviorSurvivesBeingWrittenAndRead() {
    Ec2Behavior behavior =
        Ec2Behavior.REALISTIC
            .withRule(FaultRule.sometimes("Create*", new Fault.LostReply(), 0.25))
            .withRule(FaultRule.once("*", new Fault.Slow(DelayRange.parse("1s..2s"))))
            .withRule(FaultRule.always("X", new Fault.Refusal("AuthFailure", 401, "no")))
            .withRule(FaultRule.always("Y", new Fault.Garbage()))
            .withRule(FaultRule.always("Z", new Fault.LostRequest()));
    assertThat(Ec2BehaviorReader.read(ConfigNode.parse("", Ec2BehaviorReader.write(behavior))))
        .isEqualTo(behavior);
  }

  private Reply.Content create() {
    return aws.world.call("CreateNetworkInterface", Map.of("SubnetId", aws.subnet)).content();
  }
}
