package io.portolan.aws.limits;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.aws.ec2.Ec2InstanceType;
import io.portolan.sim.ec2.model.InstanceTypes;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The product's table and the simulator's were made apart from each other, from public records. */
final class LimitsAgreementTest {
  @Test
  void bothTablesSayTheSameOfEveryTypeTheyShare() {
    InstanceLimitsTable table = InstanceLimitsTable.bundled();

    List<Ec2InstanceType> shared =
        InstanceTypes.bundled().all().stream()
            .filter(type -> table.find(type.name()).isPresent())
            .map(type ->
                new Ec2InstanceType(
                    type.name(),
                    type.ipv4PerInterface(),
                    type.interfacesPerCard(),
                    type.takesPrefixes()))
            .toList();

    assertThat(shared).hasSizeGreaterThan(50);
    assertThat(shared.stream().map(type -> table.find(type.name()).orElseThrow()).toList())
        .isEqualTo(shared);
  }
}
