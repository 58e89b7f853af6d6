package io.portolan.calico.bgp.bird;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SessionStateTest {
  @Test
  void sessionsAreFoundAmongProtocols() {
    assertThat(
            SessionState.read(
                List.of(
                    new BirdControl.Line(2002, "Name       Proto      Table      State  Since"),
                    new BirdControl.Line(1002, "device1    Device     ---        up     10:00:00"),
                    new BirdControl.Line(
                        1002, "mesh_10_0_0_1 BGP        ---        up     10:00:00.1  Established"),
                    new BirdControl.Line(
                        1002,
                        "peer_a     BGP        ---        start  10:00:00      Active       "
                            + " Socket: Connection refused"),
                    new BirdControl.Line(0, ""))))
        .containsExactly(
            new SessionState("mesh_10_0_0_1", true, "Established"),
            new SessionState("peer_a", false, "Active Socket: Connection refused"));
  }
}
