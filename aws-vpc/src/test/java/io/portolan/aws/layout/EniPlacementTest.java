package io.portolan.aws.layout;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.cloud.Attachment;
import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.InstanceLimits;
import io.portolan.common.cloud.InterfaceId;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.cloud.ObservedMachine;
import io.portolan.common.cloud.ObservedSubnet;
import io.portolan.common.cloud.Placement;
import io.portolan.common.cloud.SecurityGroupId;
import io.portolan.common.cloud.SubnetId;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.MacAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class EniPlacementTest {
  private static final SortedMap<SubnetId, ObservedSubnet> SUBNETS = new TreeMap<>();

  static {
    subnet("subnet-own", "eu-central-1a", 5, Map.of());
    subnet("subnet-big", "eu-central-1a", 900, Map.of("pods", "yes"));
    subnet("subnet-mid", "eu-central-1a", 40, Map.of("pods", "yes"));
    subnet("subnet-full", "eu-central-1a", 0, Map.of("pods", "yes"));
    subnet("subnet-far", "eu-central-1b", 4000, Map.of("pods", "yes", "far", "yes"));
  }

  @Test
  void withoutRulesTheNodesOwnSubnetIsUsed() {
    assertThat(place(Placement.Rules.NONE))
        .isEqualTo(
            "subnet-own [sg-node]: subnet-own: the node's own subnet, in eu-central-1a, 5 addresses"
                + " free");
  }

  @Test
  void ofTaggedSubnetsInTheZoneTheOneWithMostFreeWins() {
    assertThat(place(tagged("pods")))
        .isEqualTo(
            "subnet-big [sg-node]: subnet-big: tagged as the profile's aws.subnetTags {pods=yes},"
                + " in eu-central-1a, 900 addresses free");
  }

  @Test
  void aSubnetThatLatelyHadNothingIsPassedOver() {
    assertThat(place(tagged("pods"), "subnet-big")).startsWith("subnet-mid [sg-node]");
    assertThat(place(tagged("pods"), "subnet-big", "subnet-mid"))
        .isEqualTo(
            "SubnetExhausted: every subnet in eu-central-1a that is tagged as the profile's"
                + " aws.subnetTags {pods=yes} is used up [subnet-big, subnet-full,"
                + " subnet-mid]; add a subnet to the profile, or lower the max pods of its nodes");
  }

  @Test
  void namedSubnetsGoBeforeTags() {
    Placement.Rules rules =
        Placement.Rules.of(
            Set.of(new SubnetId("subnet-mid")),
            Map.of("pods", "yes"),
            Set.of(new SecurityGroupId("sg-pods")));
    assertThat(place(rules)).startsWith("subnet-mid [sg-pods]: ");
  }

  @Test
  void neverLeavesTheZone() {
    assertThat(place(tagged("far")))
        .isEqualTo(
            "NoSubnetInZone: none of the subnets that are tagged as the profile's aws.subnetTags"
                + " {far=yes} is in eu-central-1a; add one to the profile");
  }

  @Test
  void saysWhichRuleMatchesNothing() {
    assertThat(place(Placement.Rules.of(Set.of(new SubnetId("subnet-typo")), Map.of(), Set.of())))
        .isEqualTo(
            "SubnetNotFound: no subnet of the VPC is named by the profile's aws.subnetIds"
                + " [subnet-typo]");
  }

  private static String place(Placement.Rules rules, String... avoid) {
    TreeSet<SubnetId> avoided = new TreeSet<>();
    for (String id : avoid) {
      avoided.add(new SubnetId(id));
    }
    Placement.Request request =
        new Placement.Request(machine(), SUBNETS, rules, 10, false, avoided);
    return switch (new EniPlacement().place(request)) {
      case Placement.Choice.In in -> in.subnet() + " " + in.groups() + ": " + in.why();
      case Placement.Choice.Nowhere nowhere -> nowhere.reason() + ": " + nowhere.message();
    };
  }

  private static Placement.Rules tagged(String key) {
    return Placement.Rules.of(Set.of(), Map.of(key, "yes"), Set.of());
  }

  private static void subnet(String id, String zone, int free, Map<String, String> tags) {
    SUBNETS.put(
        new SubnetId(id),
        new ObservedSubnet(
            new SubnetId(id),
            zone,
            List.of(Cidr.parse("10.0.0.0/20")),
            OptionalInt.of(free),
            new TreeMap<>(tags)));
  }

  private static ObservedMachine machine() {
    InstanceId instance = new InstanceId("i-1");
    ObservedInterface primary =
        new ObservedInterface(
            new InterfaceId("eni-1"),
            false,
            false,
            Optional.empty(),
            Optional.empty(),
            new SubnetId("subnet-own"),
            MacAddress.parse("02:00:00:00:00:01"),
            IpAddress.parse("10.0.0.4"),
            List.of(),
            List.of(),
            List.of(new SecurityGroupId("sg-node")),
            ObservedInterface.State.ATTACHED,
            Optional.of(new Attachment(Optional.empty(), instance, 0, 0, true)));
    return new ObservedMachine(
        new NodeName("n1"),
        instance,
        "m5.large",
        "eu-central-1a",
        ObservedMachine.State.RUNNING,
        new InstanceLimits(1, 3, 9, true, 28, Integer.MAX_VALUE),
        List.of(primary));
  }
}
