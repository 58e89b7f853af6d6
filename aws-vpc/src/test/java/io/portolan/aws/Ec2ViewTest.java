package io.portolan.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.portolan.aws.ec2.Ec2Instance;
import io.portolan.aws.ec2.Ec2Interface;
import io.portolan.aws.ec2.Ec2Subnet;
import io.portolan.common.cloud.CloudObservation;
import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.InstanceLimits;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.ObservationScope;
import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.MacAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class Ec2ViewTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Map<String, String> OURS = Map.of("portolan.io/cluster", "c1");
  private static final InstanceLimits M5_LARGE =
      new InstanceLimits(1, 3, 9, true, 28, Integer.MAX_VALUE);

  private final List<Ec2Instance> instances = new ArrayList<>();
  private final List<Ec2Interface> interfaces = new ArrayList<>();

  @Test
  void joinsInstancesAndTheirInterfaces() {
    instance("i-1", "m5.large", Ec2Instance.State.RUNNING);
    attached("eni-2", "i-1", 1, OURS);
    attached("eni-1", "i-1", 0, Map.of());

    assertThat(text(observe(Map.of("n1", "i-1"))))
        .isEqualTo(
            """
            n1 i-1 m5.large eu-central-1a RUNNING, 3 ENIs of 9 slots
              eni-1 ATTACHED at 0
              eni-2 ATTACHED at 1, ours
            """);
  }

  @Test
  void foreignSecondaryInterfacesAndTrunksAreLeftAlone() {
    instance("i-1", "m5.large", Ec2Instance.State.RUNNING);
    attached("eni-1", "i-1", 0, Map.of());
    attached("eni-2", "i-1", 1, Map.of("portolan.io/cluster", "another"));
    attached(
        "eni-3",
        "i-1",
        2,
        Map.of("portolan.io/cluster", "c1", "node.k8s.amazonaws.com/no_manage", "true"));
    attached("eni-4", "i-1", 3, OURS, "trunk");

    assertThat(text(observe(Map.of("n1", "i-1"))))
        .isEqualTo(
            """
            n1 i-1 m5.large eu-central-1a RUNNING, 3 ENIs of 9 slots
              eni-1 ATTACHED at 0
              eni-2 ATTACHED at 1, unmanaged
              eni-3 ATTACHED at 2, ours, unmanaged
              eni-4 ATTACHED at 3, ours, unmanaged
            """);
  }

  @Test
  void onlyOurUnattachedInterfacesAreOrphans() {
    available("eni-1", OURS);
    available("eni-2", Map.of());
    available("eni-3", Map.of("portolan.io/cluster", "another"));
    available(
        "eni-4", Map.of("portolan.io/cluster", "c1", "node.k8s.amazonaws.com/no_manage", "true"));
    attached("eni-5", "i-gone", 1, OURS);

    assertThat(text(observe(Map.of()))).isEqualTo("unattached eni-1 AVAILABLE, ours\n");
  }

  @Test
  void readsTheTagsOfItsOwnAndSurvivesEditedOnes() {
    available(
        "eni-1",
        Map.of(
            "portolan.io/cluster", "c1",
            "portolan.io/node", "n1",
            "portolan.io/created-at", "2026-01-01T00:00:00Z"));
    available(
        "eni-2",
        Map.of(
            "portolan.io/cluster", "c1",
            "portolan.io/node", " ",
            "portolan.io/created-at", "yesterday"));

    assertThat(observe(Map.of()).unattached())
        .extracting(ObservedInterface::createdFor, ObservedInterface::createdAt)
        .containsExactly(
            tuple(Optional.of(new NodeName("n1")), Optional.of(NOW)),
            tuple(Optional.empty(), Optional.empty()));
  }

  @Test
  void aMachineOfAnUnknownTypeGetsNothingAndATerminatedOneIsGone() {
    instance("i-1", "x99.huge", Ec2Instance.State.RUNNING);
    instance("i-2", "m5.large", Ec2Instance.State.TERMINATED);
    instance("i-3", "m5.large", Ec2Instance.State.SHUTTING_DOWN);
    instance("i-4", "m5.large", Ec2Instance.State.STOPPED);

    assertThat(
            text(observe(Map.of("n1", "i-1", "n2", "i-2", "n3", "i-3", "n4", "i-4", "n5", "i-5"))))
        .isEqualTo(
            """
            n1 i-1 x99.huge eu-central-1a RUNNING, 1 ENIs of 0 slots
            n3 i-3 m5.large eu-central-1a TERMINATING, 3 ENIs of 9 slots
            n4 i-4 m5.large eu-central-1a STOPPED, 3 ENIs of 9 slots
            """);
  }

  private CloudObservation observe(Map<String, String> nodes) {
    ObservationScope scope =
        ObservationScope.cluster(
            nodes.entrySet().stream()
                .collect(
                    Collectors.toMap(
                        e -> new NodeName(e.getKey()), e -> new InstanceId(e.getValue()))));
    return new Ec2View(
            "c1", type -> type.equals("m5.large") ? Optional.of(M5_LARGE) : Optional.empty())
        .observation(
            NOW,
            scope,
            instances,
            interfaces,
            List.of(
                new Ec2Subnet(
                    "subnet-1",
                    "vpc-1",
                    "eu-central-1a",
                    List.of(Cidr.parse("10.0.1.0/24")),
                    200,
                    Map.of())),
            List.of(Cidr.parse("10.0.0.0/16")));
  }

  private void instance(String id, String type, Ec2Instance.State state) {
    instances.add(
        new Ec2Instance(
            id,
            type,
            state,
            "eu-central-1a",
            Optional.of("vpc-1"),
            Optional.of("subnet-1"),
            Optional.of(IpAddress.parse("10.0.1.4")),
            List.of("sg-1")));
  }

  private void attached(String id, String instance, int index, Map<String, String> tags) {
    attached(id, instance, index, tags, "interface");
  }

  private void attached(
      String id, String instance, int index, Map<String, String> tags, String type) {
    interfaces.add(
        eni(
            id,
            type,
            tags,
            Optional.of(
                new Ec2Interface.Attachment(
                    "eni-attach-" + id,
                    Ec2Interface.Attachment.State.ATTACHED,
                    Optional.of(instance),
                    index,
                    0,
                    true,
                    Optional.of(NOW)))));
  }

  private void available(String id, Map<String, String> tags) {
    interfaces.add(eni(id, "interface", tags, Optional.empty()));
  }

  private static Ec2Interface eni(
      String id,
      String type,
      Map<String, String> tags,
      Optional<Ec2Interface.Attachment> attachment) {
    return new Ec2Interface(
        id,
        "vpc-1",
        "subnet-1",
        "eu-central-1a",
        attachment.isPresent() ? Ec2Interface.Status.IN_USE : Ec2Interface.Status.AVAILABLE,
        type,
        MacAddress.parse("02:00:00:00:00:01"),
        Optional.of(IpAddress.parse("10.0.1.4")),
        List.of(),
        List.of(),
        List.of("sg-1"),
        attachment,
        tags);
  }

  private static String text(CloudObservation observation) {
    StringBuilder text = new StringBuilder();
    observation
        .machines()
        .forEach((node, machine) -> {
          text.append(
              "%s %s %s %s %s, %d ENIs of %d slots%n"
                  .formatted(
                      node,
                      machine.instance(),
                      machine.machineType(),
                      machine.zone(),
                      machine.state(),
                      machine.limits().interfaces(),
                      machine.limits().slotsPerInterface()));
          machine.interfaces().forEach(eni -> text.append("  ").append(text(eni)));
        });
    observation.unattached().forEach(eni -> text.append("unattached ").append(text(eni)));
    return text.toString();
  }

  private static String text(ObservedInterface eni) {
    return eni.id()
        + " "
        + eni.state()
        + eni.attachment().map(a -> " at " + a.deviceIndex()).orElse("")
        + (eni.ours() ? ", ours" : "")
        + (eni.unmanaged() ? ", unmanaged" : "")
        + "\n";
  }
}
