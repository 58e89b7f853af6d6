package io.portolan.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.node.ipam.PoolView;
import io.portolan.node.ipam.Supply;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AvailabilityTest {
  private Supply supply =
      new Supply(1, List.of(), List.of(), List.of(Cidr.parse("10.0.0.0/24")), List.of());
  private PoolView pool = PoolView.EMPTY;
  private Optional<String> disk = Optional.empty();
  private Optional<String> policy = Optional.empty();
  private final Availability availability =
      new Availability(
          Path.of("/var/lib/portolan"), () -> supply, () -> pool, () -> disk, () -> policy);

  private String problem() {
    return availability.problem().map(Object::toString).orElse("none");
  }

  @Test
  void anEmptyPoolIsNoProblem() {
    assertThat(problem()).isEqualTo("none");
  }

  @Test
  void namesTheFirstThingThatKeepsAddFromBeingServedForAsLongAsItDoes() {
    policy = Optional.of("the cluster is not known yet");
    assertThat(problem()).isEqualTo("50 policy is not in force: the cluster is not known yet");
    disk = Optional.of("No space left on device");
    assertThat(problem())
        .isEqualTo(
            "50 the node agent cannot write to /var/lib/portolan: No space left on device: free"
                + " space there, or mount it writable again; running pods are not affected");
    Supply before = supply;
    supply = Supply.EMPTY;
    assertThat(problem())
        .isEqualTo("50 the cloud has not given this node any interface or block yet");
    pool = new PoolView(1, 0, 0, 0, false, List.of(), List.of(IpAddress.parse("10.0.9.1")));
    assertThat(problem())
        .isEqualTo("51 the cloud has not given this node any interface or block yet");
    supply = before;
    disk = Optional.empty();
    policy = Optional.empty();
    assertThat(problem()).as("orphans alone do not keep ADD from being served").isEqualTo("none");
  }
}
