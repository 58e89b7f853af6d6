package io.portolan.common.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.pool.PoolCondition;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeEventTest {
  private static final List<PoolCondition> WELL =
      List.of(
          new PoolCondition("Ready", true, "Supplied", "6 addresses"),
          new PoolCondition("AddressesAvailable", true, "Enough", "6 addresses for 4 pods"),
          new PoolCondition("Degraded", false, "Normal", "nothing is wrong"));
  private static final List<PoolCondition> ASSIGNING =
      List.of(
          WELL.get(0),
          new PoolCondition("AddressesAvailable", false, "Assigning", "3 are on their way"),
          WELL.get(2));
  private static final List<PoolCondition> EXHAUSTED =
      List.of(
          WELL.get(0),
          new PoolCondition("AddressesAvailable", false, "SubnetExhausted", "add a subnet"),
          WELL.get(2));
  private static final List<PoolCondition> DENIED =
      List.of(
          new PoolCondition("Ready", false, "CloudPermissionDenied", "grant it"),
          new PoolCondition("AddressesAvailable", false, "CloudPermissionDenied", "grant it"),
          new PoolCondition("Degraded", true, "CloudPermissionDenied", "grant it"));

  @Test
  void aTroubleIsToldOnceWhateverSaysItAndSoIsItsEnd() {
    assertThat(NodeEvent.of(WELL, EXHAUSTED))
        .containsExactly(new NodeEvent(true, "SubnetExhausted", "add a subnet"));
    assertThat(NodeEvent.of(EXHAUSTED, EXHAUSTED)).isEmpty();
    assertThat(NodeEvent.of(EXHAUSTED, DENIED))
        .containsExactly(new NodeEvent(true, "CloudPermissionDenied", "grant it"));
    assertThat(NodeEvent.of(DENIED, WELL))
        .containsExactly(new NodeEvent(false, "Recovered", "no longer CloudPermissionDenied"));
  }

  @Test
  void whatTimeHealsIsNotTold() {
    assertThat(NodeEvent.of(WELL, ASSIGNING)).isEmpty();
    assertThat(NodeEvent.of(ASSIGNING, WELL)).isEmpty();
    assertThat(NodeEvent.of(EXHAUSTED, List.of(WELL.get(0)))).isEmpty();
    assertThat(NodeEvent.of(List.of(), WELL)).isEmpty();
  }
}
