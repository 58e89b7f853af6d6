package io.portolan.policy.compile;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftStatement;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.model.Tier;
import io.portolan.policy.nft.Skeleton;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What decides over one direction of a pod's traffic: tiers in order, each with its policies. Pods
 * that the same policies select are of the same class and share its chain.
 *
 * @param stages at least one, in tier order, each with at least one policy
 */
record PolicyClass(Direction direction, List<Stage> stages) {
  PolicyClass {
    stages = List.copyOf(stages);
    if (stages.isEmpty()) {
      throw new IllegalArgumentException("a class without policies decides nothing");
    }
  }

  /** The policies of one tier that select a pod. */
  record Stage(Tier tier, List<PolicyId> policies) {
    Stage {
      policies = policies.stream().sorted().toList();
    }
  }

  /** The class of a pod that just these policies select in this direction; at least one. */
  static PolicyClass of(Direction direction, Collection<Policy> policies) {
    return new PolicyClass(
        direction,
        policies.stream()
            .collect(groupingBy(Policy::tier, TreeMap::new, mapping()))
            .entrySet()
            .stream()
            .map(stage -> new Stage(stage.getKey(), stage.getValue()))
            .toList());
  }

  private static java.util.stream.Collector<Policy, ?, List<PolicyId>> mapping() {
    return Collectors.mapping(Policy::id, toList());
  }

  List<PolicyId> policies() {
    return stages.stream().flatMap(stage -> stage.policies().stream()).toList();
  }

  NftChain chain() {
    return NftChain.regular(Naming.classChain(direction, stages.toString()))
        .comment(Naming.comment(Naming.list(policies())));
  }

  /** Each policy's chain accepts or returns; a tier that denies at its end ends the class. */
  List<NftRule> rules() {
    List<NftRule> rules = new ArrayList<>();
    for (Stage stage : stages) {
      for (PolicyId policy : stage.policies()) {
        rules.add(NftRule.of(NftStatement.jump(Naming.policyChain(policy, direction))));
      }
      switch (stage.tier().end()) {
        case DENY -> {
          rules.add(NftRule.of(NftStatement.jump(Skeleton.SPARED)));
          rules.add(NftRule.of(NftStatement.counter(), NftStatement.drop()));
          return rules;
        }
        case PASS -> {}
      }
    }
    return rules;
  }
}
