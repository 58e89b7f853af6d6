package io.portolan.common.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.api.v1alpha1.NetworkProfileSpec;
import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.NodeName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProfileChoiceTest {
  private final TreeMap<String, NetworkProfileSpec> profiles = new TreeMap<>();

  private void profile(String name, Map<String, String> selector) {
    profiles.put(name, spec(selector, NetworkProfileSpec.Ipam.AWS, null, null));
  }

  private static NetworkProfileSpec spec(
      Map<String, String> selector,
      NetworkProfileSpec.Ipam ipam,
      NetworkProfileSpec.@Nullable Pool pool,
      NetworkProfileSpec.@Nullable Aws aws) {
    return new NetworkProfileSpec(
        selector.isEmpty() ? null : selector, ipam, null, null, null, null, null, pool, aws);
  }

  private ProfileChoice choose(Map<String, String> labels) {
    NodeFacts node =
        new NodeFacts(
            new NodeName("n1"),
            Optional.of(new InstanceId("i-1")),
            new TreeMap<>(labels),
            true,
            false,
            110);
    return ProfileChoice.of(profiles, node, NetworkProfileSpec.Ipam.AWS);
  }

  private String chosen(Map<String, String> labels) {
    return switch (choose(labels)) {
      case ProfileChoice.Chosen chosen -> chosen.name();
      case ProfileChoice.Elsewhere elsewhere -> "elsewhere: " + elsewhere.name();
      case ProfileChoice.Unusable unusable -> unusable.reason() + ": " + unusable.message();
    };
  }

  @Test
  void theMostSpecificSelectorWinsThenTheNameThenTheDefault() {
    profile("default", Map.of());
    profile("gpu", Map.of("pool", "gpu"));
    profile("gpu-a", Map.of("pool", "gpu", "zone", "a"));
    profile("also-gpu", Map.of("pool", "gpu"));
    assertThat(chosen(Map.of("pool", "gpu", "zone", "a"))).isEqualTo("gpu-a");
    assertThat(chosen(Map.of("pool", "gpu", "zone", "b"))).isEqualTo("also-gpu");
    assertThat(chosen(Map.of("pool", "web"))).isEqualTo("default");
  }

  @Test
  void withoutAnyProfileTheNodeSaysWhatToCreate() {
    profile("gpu", Map.of("pool", "gpu"));
    assertThat(chosen(Map.of()))
        .isEqualTo(
            "NoProfile: no NetworkProfile selects this node; create one named default, without a"
                + " nodeSelector");
  }

  @Test
  void anotherIpamIsAnotherControllersBusiness() {
    profiles.put("default", spec(Map.of(), NetworkProfileSpec.Ipam.CALICO, null, null));
    assertThat(chosen(Map.of())).isEqualTo("elsewhere: default");
  }

  @Test
  void aWrongNumberNamesTheFieldAndTheFix() {
    profiles.put(
        "default",
        spec(
            Map.of(),
            NetworkProfileSpec.Ipam.AWS,
            new NetworkProfileSpec.Pool(-1, null, null, null),
            null));
    assertThat(chosen(Map.of()))
        .isEqualTo(
            "ProfileInvalid: NetworkProfile default: spec.pool.reserve is -1; give 0 or more, or"
                + " leave it out");
  }

  @Test
  void anEmptyEntryNamesTheFieldAndTheFix() {
    profiles.put(
        "default",
        spec(
            Map.of(),
            NetworkProfileSpec.Ipam.AWS,
            null,
            new NetworkProfileSpec.Aws(null, List.of("subnet-1", " "), null, null, null)));
    assertThat(chosen(Map.of()))
        .isEqualTo(
            "ProfileInvalid: NetworkProfile default: spec.aws.subnetIds has an empty entry; remove"
                + " it");
  }

  @Test
  void whatIsLeftOutHasTheDocumentedDefault() {
    profile("default", Map.of());
    assertThat(choose(Map.of()))
        .isInstanceOfSatisfying(
            ProfileChoice.Chosen.class,
            chosen -> {
              assertThat(chosen.targets().reserve()).isEqualTo(2);
              assertThat(chosen.targets().releaseDelay()).isEqualTo(Duration.ofMinutes(5));
              assertThat(chosen.targets().cooldown()).isEqualTo(Duration.ofSeconds(30));
              assertThat(chosen.targets().maxAddresses()).isEqualTo(110);
              assertThat(chosen.targets().prefixes()).isFalse();
            });
  }
}
