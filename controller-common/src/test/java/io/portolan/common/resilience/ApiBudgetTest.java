package io.portolan.common.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.cloud.ApiCatalog;
import io.portolan.common.cloud.ApiOperation;
import io.portolan.common.model.Ec2Buckets;
import io.portolan.common.model.Simulation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ApiBudgetTest {
  private static final ApiOperation ASSIGN = new ApiOperation("AssignPrivateIpAddresses");
  private static final ApiOperation ATTACH = new ApiOperation("AttachNetworkInterface");

  private final Simulation simulation = new Simulation();
  private final Instant start = simulation.instant();
  private final ApiBudget budget = new ApiBudget(new Ec2Buckets(), simulation, simulation);

  private void acquire(ApiOperation operation, Urgency urgency) {
    try {
      budget.acquire(operation, urgency);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private Duration timeFor(int calls, ApiOperation operation) {
    List<Instant> left = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      simulation.spawn(() -> {
        acquire(operation, Urgency.ASSIGN);
        left.add(simulation.instant());
      });
    }
    simulation.run(start.plus(Duration.ofHours(1)));
    assertThat(left).hasSize(calls);
    return Duration.between(start, left.getLast());
  }

  @Test
  void fiveHundredAttachmentsTakeNinetySeconds() {
    assertThat(timeFor(500, ATTACH)).isCloseTo(Duration.ofSeconds(90), Duration.ofMillis(1));
  }

  @Test
  void fiveHundredAssignmentsTakeEightySeconds() {
    assertThat(timeFor(500, ASSIGN)).isCloseTo(Duration.ofSeconds(80), Duration.ofMillis(1));
  }

  @Test
  void oneOperationDoesNotWaitForAnother() {
    for (int i = 0; i < 50; i++) {
      simulation.spawn(() -> acquire(ATTACH, Urgency.ASSIGN));
    }
    List<Duration> waits = new ArrayList<>();
    simulation.spawn(() -> {
      acquire(ASSIGN, Urgency.RELEASE);
      waits.add(Duration.between(start, simulation.instant()));
    });
    simulation.run(start.plusSeconds(60));
    assertThat(waits).containsExactly(Duration.ZERO);
  }

  @Test
  void assigningOvertakesReleasingThatWaitsAndReleasingIsNotStarved() {
    for (int i = 0; i < 50; i++) {
      simulation.spawn(() -> acquire(ATTACH, Urgency.ASSIGN));
    }
    List<String> order = new ArrayList<>();
    simulation.spawnAt(
        start.plusMillis(1),
        () -> {
          acquire(ATTACH, Urgency.RELEASE);
          order.add("release");
        });
    for (int i = 0; i < 100; i++) {
      int number = i;
      // A new urgent call every 100 ms is twice what the bucket yields.
      simulation.spawnAt(
          start.plusMillis(2 + 100L * i),
          () -> {
            acquire(ATTACH, Urgency.ASSIGN);
            order.add("assign " + number);
          });
    }
    simulation.run(start.plusSeconds(120));
    assertThat(order.indexOf("release")).isBetween(20, 60);
    assertThat(order.getFirst()).isEqualTo("assign 0");
    assertThat(order).hasSize(101);
  }

  @Test
  void whoMayUseEitherOfTwoOperationsUsesTheOneThatIsFreeAndGivesUpItsPlaceAtTheOther() {
    budget.charge(ASSIGN, 100);
    List<String> granted = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      int number = i;
      simulation.spawn(() -> {
        int index = acquireFirst(List.of(want(ASSIGN), want(ATTACH)));
        granted.add(number + ":" + index + " " + Duration.between(start, simulation.instant()));
      });
    }
    simulation.run(start.plusMillis(1));
    assertThat(granted).hasSize(50).allMatch(line -> line.endsWith(":1 PT0S"));
    simulation.run(start.plusSeconds(2));
    // Ten are left, and both buckets yield five in a second.
    assertThat(granted).hasSize(60);
  }

  @Test
  void whatHasComeToServeMorePodsGoesFirst() {
    budget.charge(ASSIGN, 100);
    int[] pods = {0};
    List<String> order = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      simulation.spawn(() -> {
        acquireFirst(() -> List.of(forPods(5)));
        order.add("five");
      });
    }
    simulation.spawn(() -> {
      acquireFirst(() -> List.of(forPods(pods[0])));
      order.add("grown");
    });
    simulation.spawnAt(start.plusMillis(100), () -> pods[0] = 14);
    simulation.run(start.plusSeconds(10));
    assertThat(order.indexOf("grown")).isBetween(1, 12);
  }

  @Test
  void whereMoreIsWantedThanTheBucketYieldsMostHardlyWaitAndNobodyWaitsForEver() {
    budget.charge(ASSIGN, 100);
    List<Duration> waits = new ArrayList<>();
    // Eight in a second for 25 s; the bucket yields five.
    for (int i = 0; i < 200; i++) {
      Instant asked = start.plusMillis(125L * i);
      simulation.spawnAt(
          asked,
          () -> {
            acquireFirst(List.of(forPods(14)));
            waits.add(Duration.between(asked, simulation.instant()));
          });
    }
    simulation.run(start.plusSeconds(41));
    waits.sort(null);
    assertThat(waits).hasSize(200);
    // In the order of coming it would be 7.5 s.
    assertThat(waits.get(100)).isLessThan(Duration.ofSeconds(2));
    assertThat(waits.getLast()).isLessThan(Duration.ofSeconds(40));
  }

  private static ApiBudget.Want want(ApiOperation operation) {
    return new ApiBudget.Want(operation, Duration.ZERO);
  }

  private static ApiBudget.Want forPods(int pods) {
    return new ApiBudget.Want(ASSIGN, Urgency.ASSIGN.handicap(pods));
  }

  private int acquireFirst(List<ApiBudget.Want> wants) {
    return acquireFirst(() -> wants);
  }

  private int acquireFirst(Supplier<List<ApiBudget.Want>> wants) {
    try {
      return budget.acquireFirst(wants).orElseThrow().index();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatMayComeToCarryMoreIsHeldBackWhereRequestsAreScarce() {
    List<Duration> waited = new ArrayList<>();
    for (int charge : new int[] {0, 50, 50}) {
      budget.charge(ASSIGN, charge);
      Instant asked = simulation.instant();
      simulation.spawn(() -> {
        acquireFirst(List.of(new ApiBudget.Want(ASSIGN, Duration.ZERO, Duration.ofSeconds(10))));
        waited.add(Duration.between(asked, simulation.instant()));
      });
      simulation.run(simulation.instant().plusMillis(1));
    }
    simulation.run(simulation.instant().plusSeconds(20));
    assertThat(waited).hasSize(3);
    assertThat(waited.get(0)).isZero();
    assertThat(waited.get(1)).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(10));
    assertThat(waited.get(2)).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(10));
  }

  @Test
  void throttlingHalvesTheRateOnceForCallsThatLeftTogether() {
    for (int i = 0; i < 10; i++) {
      budget.throttled(ASSIGN, Duration.ZERO);
    }
    AdaptiveBucket bucket = budget.buckets().get(ASSIGN);
    assertThat(bucket).extracting(AdaptiveBucket::factor).isEqualTo(0.5);
    assertThat(bucket).extracting(AdaptiveBucket::tokens).isEqualTo(0.0);
  }

  @Test
  void theRateRecoversInAMinute() {
    budget.throttled(ASSIGN, Duration.ZERO);
    simulation.run(start.plusSeconds(30));
    assertThat(budget.buckets().get(ASSIGN)).extracting(AdaptiveBucket::factor).isEqualTo(0.75);
    simulation.run(start.plusSeconds(60));
    assertThat(budget.buckets().get(ASSIGN)).extracting(AdaptiveBucket::factor).isEqualTo(1.0);
  }

  @Test
  void nothingLeavesBeforeRetryAfter() {
    budget.throttled(ASSIGN, Duration.ofSeconds(17));
    assertThat(timeFor(1, ASSIGN)).isEqualTo(Duration.ofSeconds(17));
  }

  @Test
  void pagesThatWereNotAskedForAreOwed() {
    budget.charge(ASSIGN, 130);
    assertThat(timeFor(1, ASSIGN)).isCloseTo(Duration.ofMillis(6200), Duration.ofMillis(1));
  }

  @Test
  void aTightAccountIsFoundByFewRefusals() {
    // Somebody else uses four fifths of the account: the bucket is five times slower than
    // published.
    AdaptiveBucket[] account = {AdaptiveBucket.full(new ApiCatalog.Bucket(10, 1), start)};
    int[] refused = {0};
    int[] served = {0};
    for (int i = 0; i < 300; i++) {
      simulation.spawn(() -> {
        while (true) {
          acquire(ASSIGN, Urgency.ASSIGN);
          AdaptiveBucket now = account[0].at(simulation.instant());
          if (now.tokens() >= 1) {
            account[0] = now.take(1);
            served[0]++;
            return;
          }
          refused[0]++;
          budget.throttled(ASSIGN, Duration.ZERO);
        }
      });
    }
    simulation.run(start.plus(Duration.ofHours(1)));
    assertThat(served[0]).isEqualTo(300);
    // The first burst of 100 meets a bucket of 10; after that at most every other call is refused.
    assertThat(refused[0]).isLessThan(90 + 300);
  }
}
