package io.portolan.sim.ec2.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstanceTypesTest {
  @ParameterizedTest
  @CsvSource({
    "t3.nano, 2, 2, true",
    "t2.micro, 2, 2, false",
    "m5.large, 3, 10, true",
    "m5.xlarge, 4, 15, true",
    "c5.4xlarge, 8, 30, true",
    "m5.24xlarge, 15, 50, true",
    "m5.metal, 15, 50, true",
    "p4d.24xlarge, 60, 50, true"
  })
  void publishedLimits(String name, int interfaces, int addresses, boolean prefixes) {
    InstanceType type = InstanceTypes.bundled().find(name).orElseThrow();
    assertThat(List.of(type.interfaces(), type.ipv4PerInterface(), type.takesPrefixes()))
        .isEqualTo(List.of(interfaces, addresses, prefixes));
  }
}
