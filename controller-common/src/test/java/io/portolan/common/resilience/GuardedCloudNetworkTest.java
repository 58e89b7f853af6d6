package io.portolan.common.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.cloud.ActionToken;
import io.portolan.common.cloud.ApiOperation;
import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.CloudFault;
import io.portolan.common.cloud.CloudNetwork;
import io.portolan.common.cloud.CloudOutcome;
import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.InterfaceId;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.ObservationScope;
import io.portolan.common.cloud.ObserveOutcome;
import io.portolan.common.cloud.SubnetId;
import io.portolan.common.model.Ec2Buckets;
import io.portolan.common.model.Simulation;
import io.portolan.common.net.IpFamily;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GuardedCloudNetworkTest {
  private static final NodeName NODE = new NodeName("n1");
  private static final InterfaceId ENI = new InterfaceId("eni-1");
  private static final CloudAction ASSIGN =
      new CloudAction.AssignAddresses(NODE, ENI, IpFamily.IPV4, 3);
  private static final CloudAction DELETE = new CloudAction.DeleteInterface(NODE, ENI);
  private static final CloudAction CREATE =
      new CloudAction.CreateInterface(
          NODE,
          new InstanceId("i-1"),
          new SubnetId("subnet-1"),
          List.of(),
          3,
          0,
          new ActionToken("t1"));
  private static final CloudOutcome LOST = new CloudOutcome.Unknown("reply lost");

  private final Simulation simulation = new Simulation();
  private final Instant start = simulation.instant();
  private final Deque<CloudOutcome> answers = new ArrayDeque<>();
  private final List<String> heard = new ArrayList<>();
  private int sent;
  private final ApiBudget budget = new ApiBudget(new Ec2Buckets(), simulation, simulation);
  private final GuardedCloudNetwork guarded =
      new GuardedCloudNetwork(
          new Answering(),
          new Ec2Buckets(),
          budget,
          GuardedCloudNetwork.Settings.DEFAULT,
          (operation, result, waited, took) -> heard.add(operation + " " + result),
          simulation,
          simulation,
          new Random(1));

  /** Gives the answers it was told to, in order, then succeeds. */
  private final class Answering implements CloudNetwork {
    @Override
    public ObserveOutcome observe(ObservationScope scope) {
      sent++;
      return new ObserveOutcome.Failed(fault("Unavailable", Optional.empty()));
    }

    @Override
    public CloudOutcome execute(CloudAction action) {
      sent++;
      return answers.isEmpty() ? CloudOutcome.Applied.PLAIN : answers.removeFirst();
    }
  }

  private static CloudFault fault(String code, Optional<Duration> retryAfter) {
    CloudFault.Detail detail = new CloudFault.Detail(code, "", "request");
    return switch (code) {
      case "Throttled" -> new CloudFault.Throttled(detail, retryAfter);
      case "NotFound" -> new CloudFault.NotFound(detail, "eni-1");
      case "Denied" -> new CloudFault.Denied(detail, true);
      default -> new CloudFault.Transient(detail);
    };
  }

  private CloudOutcome execute(CloudAction action) {
    List<CloudOutcome> result = new ArrayList<>();
    simulation.spawn(() -> result.add(guarded.execute(action)));
    simulation.run(simulation.instant().plus(Duration.ofMinutes(10)));
    return result.getFirst();
  }

  private void answer(CloudOutcome... outcomes) {
    answers.addAll(List.of(outcomes));
  }

  private static CloudOutcome failed(String code) {
    return new CloudOutcome.Failed(fault(code, Optional.empty()));
  }

  @Test
  void aPassingRefusalIsTriedAgain() {
    answer(failed("Unavailable"), failed("Throttled"));
    assertThat(execute(ASSIGN)).isEqualTo(CloudOutcome.Applied.PLAIN);
    assertThat(heard)
        .containsExactly(
            "AssignPrivateIpAddresses CloudUnavailable",
            "AssignPrivateIpAddresses CloudThrottled",
            "AssignPrivateIpAddresses Applied");
  }

  @Test
  void aRefusalThatStaysIsNotTriedAgain() {
    answer(failed("Denied"));
    assertThat(execute(ASSIGN)).isInstanceOf(CloudOutcome.Failed.class);
    assertThat(sent).isEqualTo(1);
  }

  @Test
  void assigningByCountIsNeverRepeatedAfterALostAnswer() {
    answer(LOST);
    assertThat(execute(ASSIGN)).isEqualTo(LOST);
    assertThat(sent).isEqualTo(1);
  }

  @Test
  void creatingWithATokenIsRepeatedAfterALostAnswer() {
    answer(LOST);
    assertThat(execute(CREATE)).isInstanceOf(CloudOutcome.Applied.class);
    assertThat(sent).isEqualTo(2);
  }

  @Test
  void aRefusalAfterALostAnswerLeavesTheOutcomeOpen() {
    answer(LOST, failed("Denied"));
    assertThat(execute(CREATE)).isInstanceOf(CloudOutcome.Unknown.class);
  }

  @Test
  void deletingWhatALostAttemptHasDeletedIsSuccess() {
    answer(LOST, failed("NotFound"));
    assertThat(execute(DELETE)).isInstanceOf(CloudOutcome.Applied.class);
  }

  @Test
  void retryAfterIsHonouredByEverybody() {
    answer(new CloudOutcome.Failed(fault("Throttled", Optional.of(Duration.ofSeconds(20)))));
    List<Instant> done = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      simulation.spawnAt(
          start.plusMillis(i),
          () -> {
            guarded.execute(ASSIGN);
            done.add(simulation.instant());
          });
    }
    simulation.run(start.plusSeconds(60));
    assertThat(done).allMatch(at -> !at.isBefore(start.plusSeconds(20)));
  }

  @Test
  void aCloudThatDoesNotAnswerIsLeftAloneForAWhile() {
    for (int i = 0; i < 100; i++) {
      answer(LOST);
    }
    callEverySecond(20);
    assertThat(sent).as("calls until the window is full of failures").isEqualTo(20);
    callEverySecond(9);
    assertThat(sent).as("calls while the breaker is open").isEqualTo(20);
    simulation.run(simulation.instant().plusSeconds(1));
    callEverySecond(5);
    assertThat(sent).as("calls that try whether the cloud is back").isEqualTo(22);
  }

  private void callEverySecond(int times) {
    for (int i = 0; i < times; i++) {
      simulation.spawn(() -> heard.add(guarded.execute(ASSIGN).toString()));
      simulation.run(simulation.instant().plusSeconds(1));
    }
  }

  @Test
  void observingIsChargedForEveryOperationItNeeds() {
    simulation.spawn(() -> guarded.observe(ObservationScope.cluster(Map.of())));
    simulation.run(start.plusSeconds(60));
    assertThat(sent).isEqualTo(GuardedCloudNetwork.Settings.DEFAULT.attempts());
    assertThat(budget.buckets().keySet())
        .containsExactly(
            new ApiOperation("DescribeInstances"),
            new ApiOperation("DescribeNetworkInterfaces"),
            new ApiOperation("DescribeSubnets"));
  }
}
