package io.portolan.policy.calico;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.policy.calico.InForce.Datastore;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InForceTest {
  @Test
  void isWhereCalicoSaysItsObjectsAre() {
    List<Optional<Datastore>> all =
        List.of(Optional.empty(), Optional.of(Datastore.LOCKED), Optional.of(Datastore.READY));
    StringBuilder table = new StringBuilder();
    for (Optional<Datastore> used : all) {
      for (Optional<Datastore> stored : all) {
        table
            .append(used.map(Enum::name).orElse("-"))
            .append(" ")
            .append(stored.map(Enum::name).orElse("-"))
            .append(": ")
            .append(InForce.of(used, stored))
            .append("\n");
      }
    }
    assertThat(table)
        .hasToString(
            """
            - -: EITHER
            - LOCKED: STORED
            - READY: STORED
            LOCKED -: EITHER
            LOCKED LOCKED: STORED
            LOCKED READY: STORED
            READY -: EITHER
            READY LOCKED: USED
            READY READY: EITHER
            """);
  }
}
