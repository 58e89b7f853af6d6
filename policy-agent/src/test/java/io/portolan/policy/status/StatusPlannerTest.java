package io.portolan.policy.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many of many nodes write a policy's status, and what it says in the end. */
class StatusPlannerTest {
  private static final Duration MINUTES = Duration.ofMinutes(3);

  @Test
  void aPolicyThatAThousandNodesSeeIsWrittenOnce() {
    Fleet fleet = new Fleet(1000);
    fleet.apply("guard", 1, List.of());
    fleet.run(Duration.ofSeconds(2));
    assertThat(fleet.status("guard"))
        .isEqualTo(
            """
            ACCEPTED true, reason=Accepted, message=All of the policy is understood., generation=1, since=2026-07-01T12:00:01Z]
            PROGRAMMED true, reason=Programmed, message=No node has reported that its kernel refuses it., generation=1, since=2026-07-01T12:00:01Z]
            """);
    fleet.run(MINUTES);
    assertThat(fleet.count()).isEqualTo(1);
    fleet.apply("guard", 2, List.of("spec.ingress[0].from[0]: no known peer"));
    fleet.run(MINUTES);
    assertThat(fleet.count()).isEqualTo(1);
    assertThat(fleet.status("guard"))
        .isEqualTo(
            """
            ACCEPTED false, reason=NotUnderstood, message=Not enforced as it is written; what is not understood allows nothing, and denies everything where it would deny or pass on: spec.ingress[0].from[0]: no known peer, generation=2, since=2026-07-01T12:03:03Z]
            PROGRAMMED true, reason=Programmed, message=No node has reported that its kernel refuses it., generation=2, since=2026-07-01T12:00:01Z]
            """);
  }

  @Test
  void whatAThousandKernelsRefuseIsWrittenByAFew() {
    Fleet fleet = new Fleet(1000);
    fleet.apply("guard", 1, List.of());
    fleet.run(MINUTES);
    fleet.writes();
    fleet.refuse(fleet.nodes(), "guard");
    fleet.run(MINUTES);
    assertThat(fleet.count()).isBetween(1, 2);
    assertThat(fleet.status("guard")).contains("PROGRAMMED false, reason=Refused, message=Node n");
    fleet.refuse(fleet.nodes());
    fleet.run(MINUTES);
    assertThat(fleet.count()).isBetween(1, 2);
    assertThat(fleet.status("guard")).contains("PROGRAMMED true");
  }

  @Test
  void aRefusalStandsAsLongAsANodeHasIt() {
    Fleet fleet = new Fleet(50);
    fleet.apply("guard", 1, List.of());
    fleet.run(MINUTES);
    List<String> two = List.of("node-7", "node-31");
    fleet.refuse(two, "guard");
    fleet.run(MINUTES);
    String named = fleet.refusing("guard").orElseThrow();
    assertThat(two).contains(named);
    fleet.refuse(List.of(named));
    fleet.run(MINUTES);
    String other = fleet.refusing("guard").orElseThrow();
    assertThat(two).contains(other);
    assertThat(other).isNotEqualTo(named);
    // A policy that changed is tried again, and refused again.
    fleet.writes();
    fleet.apply("guard", 2, List.of());
    fleet.run(MINUTES);
    assertThat(fleet.refusing("guard")).contains(other);
    assertThat(fleet.count()).isLessThanOrEqualTo(2);
    fleet.remove(other);
    fleet.run(MINUTES);
    assertThat(fleet.status("guard")).contains("PROGRAMMED true");
  }

  @Test
  void othersWriteWhereTheFirstOnesAreAway() {
    Fleet fleet = new Fleet(100);
    fleet.apply("guard", 1, List.of());
    fleet.run(MINUTES);
    String first = fleet.writes().keySet().iterator().next();
    fleet.stop(List.of(first));
    fleet.apply("guard", 2, List.of());
    fleet.run(Duration.ofSeconds(10));
    assertThat(fleet.writes()).isEmpty();
    fleet.run(Duration.ofSeconds(5));
    assertThat(fleet.count()).isEqualTo(1);
    assertThat(fleet.status("guard")).contains("generation=2").doesNotContain("generation=1");
    fleet.run(MINUTES);
    assertThat(fleet.writes()).isEmpty();
  }

  @Test
  void manyPoliciesAreSpreadOverTheNodes() {
    Fleet fleet = new Fleet(20);
    for (int i = 0; i < 400; i++) {
      fleet.apply("policy-" + i, 1, List.of());
    }
    fleet.run(MINUTES);
    var writes = fleet.writes();
    assertThat(writes.values().stream().mapToInt(n -> n).sum()).isEqualTo(400);
    assertThat(writes).hasSize(20);
    assertThat(writes.values()).allMatch(count -> count < 60);
  }
}
