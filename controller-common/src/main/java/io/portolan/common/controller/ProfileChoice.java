package io.portolan.common.controller;

import io.portolan.common.api.v1alpha1.NetworkProfileSpec;
import io.portolan.common.cloud.Placement;
import io.portolan.common.cloud.SecurityGroupId;
import io.portolan.common.cloud.SubnetId;
import io.portolan.common.pool.PoolTargets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which profile a node follows and what it makes of it. Pure. */
sealed interface ProfileChoice {

  /** The node follows this profile. */
  record Chosen(String name, PoolTargets targets) implements ProfileChoice {}

  /** The node's addresses are another controller's business. */
  record Elsewhere(String name) implements ProfileChoice {}

  /**
   * No usable profile.
   *
   * @param reason a condition reason
   * @param message names the field and the fix
   */
  record Unusable(String name, String reason, String message) implements ProfileChoice {}

  /**
   * Reads the profile that {@link ProfileSelection} finds.
   *
   * @param ipam what this controller serves
   */
  static ProfileChoice of(
      SortedMap<String, NetworkProfileSpec> profiles,
      NodeFacts node,
      NetworkProfileSpec.Ipam ipam) {
    return ProfileSelection.of(profiles, node.labels())
        .map(selected -> read(selected.getKey(), selected.getValue(), node, ipam))
        .orElseGet(() ->
            new Unusable(
                "",
                "NoProfile",
                "no NetworkProfile selects this node; create one named default, without a"
                    + " nodeSelector"));
  }

  private static ProfileChoice read(
      String name, NetworkProfileSpec spec, NodeFacts node, NetworkProfileSpec.Ipam ipam) {
    if (spec.ipam() != ipam) {
      return new Elsewhere(name);
    }
    NetworkProfileSpec.@Nullable Pool pool = spec.pool();
    NetworkProfileSpec.@Nullable Aws aws = spec.aws();
    try {
      int maxPods =
          number(
              "pool.maxPodsPerNode",
              pool == null ? null : pool.maxPodsPerNode(),
              1,
              Integer.MAX_VALUE);
      return new Chosen(
          name,
          new PoolTargets(
              number("pool.reserve", pool == null ? null : pool.reserve(), 0, 2),
              seconds(
                  "pool.releaseDelaySeconds",
                  pool == null ? null : pool.releaseDelaySeconds(),
                  PoolTargets.DEFAULT.releaseDelay()),
              seconds(
                  "pool.cooldownSeconds",
                  pool == null ? null : pool.cooldownSeconds(),
                  PoolTargets.DEFAULT.cooldown()),
              Math.min(maxPods, node.maxPods()),
              aws != null && aws.allocation() == NetworkProfileSpec.Aws.Allocation.PREFIX,
              number("aws.firstDeviceIndex", aws == null ? null : aws.firstDeviceIndex(), 0, 0),
              rules(aws),
              PoolTargets.DEFAULT.exhaustedRetry(),
              PoolTargets.DEFAULT.fragmentedRetry()));
    } catch (IllegalArgumentException e) {
      return new Unusable(name, "ProfileInvalid", "NetworkProfile " + name + ": " + e.getMessage());
    }
  }

  private static int number(String field, @Nullable Integer value, int least, int byDefault) {
    if (value == null) {
      return byDefault;
    }
    if (value < least) {
      throw new IllegalArgumentException(
          "spec." + field + " is " + value + "; give " + least + " or more, or leave it out");
    }
    return value;
  }

  private static Duration seconds(String field, @Nullable Integer value, Duration byDefault) {
    return Duration.ofSeconds(number(field, value, 0, (int) byDefault.toSeconds()));
  }

  private static Placement.Rules rules(NetworkProfileSpec.@Nullable Aws aws) {
    if (aws == null) {
      return Placement.Rules.NONE;
    }
    TreeSet<SubnetId> subnets = new TreeSet<>();
    for (String id : named("aws.subnetIds", aws.subnetIds())) {
      subnets.add(new SubnetId(id));
    }
    TreeSet<SecurityGroupId> groups = new TreeSet<>();
    for (String id : named("aws.securityGroupIds", aws.securityGroupIds())) {
      groups.add(new SecurityGroupId(id));
    }
    return Placement.Rules.of(
        subnets, aws.subnetTags() == null ? Map.of() : aws.subnetTags(), groups);
  }

  private static List<String> named(String field, @Nullable List<String> ids) {
    if (ids == null) {
      return List.of();
    }
    if (ids.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException("spec." + field + " has an empty entry; remove it");
    }
    return ids;
  }
}
