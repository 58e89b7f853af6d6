package io.portolan.node.agent;

import io.portolan.common.api.v1alpha1.NodeNetworkSpec;
import io.portolan.common.net.Cidr;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What the node's NetworkProfile says of pods, over the agent's own defaults.
 *
 * @param mtu bytes; left out: that of the node's uplink
 * @param natOutgoing whether destinations outside the VPC see the node's address
 * @param natExclusions destinations that see the pod's address all the same
 * @param cooldown how long an address rests after its pod
 */
record PodSettings(
    OptionalInt mtu, boolean natOutgoing, List<Cidr> natExclusions, Duration cooldown) {
  PodSettings {
    natExclusions = List.copyOf(natExclusions);
    if (cooldown.isNegative()) {
      throw new IllegalArgumentException("cooldownSeconds must not be negative");
    }
  }

  static PodSettings defaults(AgentSettings settings) {
    return new PodSettings(
        settings.podMtu(), settings.natOutgoing(), settings.natExclusions(), settings.cooldown());
  }

  /**
   * @throws IllegalArgumentException if an exclusion is no CIDR block
   */
  PodSettings with(NodeNetworkSpec.@Nullable Pods profile) {
    if (profile == null) {
      return this;
    }
    Integer profileMtu = profile.mtu();
    Boolean nat = profile.natOutgoing();
    List<String> exclusions = profile.natExclusions();
    Integer seconds = profile.cooldownSeconds();
    return new PodSettings(
        profileMtu == null ? mtu : OptionalInt.of(profileMtu),
        nat == null ? natOutgoing : nat,
        exclusions == null ? natExclusions : exclusions.stream().map(Cidr::parse).toList(),
        seconds == null ? cooldown : Duration.ofSeconds(seconds));
  }
}
