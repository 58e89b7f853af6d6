package io.portolan.aws.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portolan.aws.ec2.Ec2InstanceType;
import java.util.List;
import org.junit.jupiter.api.Test;

final class InstanceLimitsTableTest {
  @Test
  void theBundledTableKnowsTheTypesPeopleUse() {
    InstanceLimitsTable table = InstanceLimitsTable.bundled();

    assertThat(table.find("m5.large"))
        .contains(new Ec2InstanceType("m5.large", 10, List.of(3), true));
    assertThat(table.find("c5.4xlarge"))
        .contains(new Ec2InstanceType("c5.4xlarge", 30, List.of(8), true));
    assertThat(table.find("t2.micro"))
        .contains(new Ec2InstanceType("t2.micro", 2, List.of(2), false));
    assertThat(table.find("c6in.32xlarge"))
        .contains(new Ec2InstanceType("c6in.32xlarge", 50, List.of(8, 8), true));
    assertThat(table.all()).hasSizeGreaterThan(1000);
  }

  @Test
  void writesWhatItReads() {
    List<Ec2InstanceType> types =
        List.of(
            new Ec2InstanceType("t2.micro", 2, List.of(2), false),
            new Ec2InstanceType("c6in.32xlarge", 50, List.of(8, 8), true));

    List<String> lines = InstanceLimitsTable.format(List.of("source: a test"), types);

    assertThat(lines)
        .containsExactly(
            "# source: a test",
            "type,ipv4PerEni,cardEnis,prefixes",
            "c6in.32xlarge,50,8/8,yes",
            "t2.micro,2,2,no");
    assertThat(InstanceLimitsTable.parse(lines).all()).containsExactlyInAnyOrderElementsOf(types);
  }

  @Test
  void namesTheLineItCannotRead() {
    assertThatThrownBy(() -> InstanceLimitsTable.parse(List.of("m5.large,ten,3,yes")))
        .hasMessage(
            "'m5.large,ten,3,yes' does not have the fields type,ipv4PerEni,cardEnis,prefixes");
  }
}
