package io.portolan.policy.compile;

import io.portolan.common.net.IpAddress;
import io.portolan.common.select.PodQuery;
import io.portolan.policy.compile.RandomCluster.TestPod;
import io.portolan.policy.model.Condition;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.End;
import io.portolan.policy.model.Match;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyRule;
import io.portolan.policy.model.Tier;
import io.portolan.policy.nft.Flow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Tiers, order and actions as their text says, with nothing merged or multiplied out. */
public final class NaiveModel {
  private final RandomCluster cluster;
  private final List<Policy> policies;
  private final Map<String, Tier> tiers = new TreeMap<>();

  public NaiveModel(RandomCluster cluster, RandomModel state) {
    this.cluster = cluster;
    this.policies = state.policies();
    List.of(Tier.ADMIN, Tier.DEFAULT, Tier.BASELINE).forEach(t -> tiers.put(t.name(), t));
    state.tiers().forEach(t -> tiers.put(t.name(), t));
  }

  public boolean allows(Flow flow) {
    return decide(Direction.EGRESS, flow.source(), flow)
        && decide(Direction.INGRESS, flow.destination(), flow);
  }

  private boolean decide(Direction direction, IpAddress subject, Flow flow) {
    Optional<TestPod> pod = owner(subject).filter(TestPod::isWired);
    if (pod.isEmpty()) {
      return true;
    }
    if (flow.source().equals(flow.destination()) && flow.source().equals(flow.addressed())) {
      // Nothing cuts a pod off from its own address.
      return true;
    }
    TreeMap<Tier, List<Policy>> stages = new TreeMap<>();
    for (Policy policy : policies) {
      Tier tier = tiers.get(policy.tier());
      if (tier != null
          && policy.directions().contains(direction)
          && selects(policy.subject(), pod.get())) {
        stages.computeIfAbsent(tier, t -> new ArrayList<>()).add(policy);
      }
    }
    for (Map.Entry<Tier, List<Policy>> stage : stages.entrySet()) {
      Optional<Boolean> decision = decide(stage.getKey(), stage.getValue(), direction, flow);
      if (decision.isPresent()) {
        return decision.get();
      }
    }
    return true;
  }

  /** Empty if the tier passes. */
  private Optional<Boolean> decide(Tier tier, List<Policy> some, Direction direction, Flow flow) {
    for (Policy policy : some.stream().sorted(Policy.IN_TIER).toList()) {
      for (PolicyRule rule : policy.rules(direction)) {
        if (rule.all().stream().allMatch(condition -> meets(condition, flow))) {
          switch (rule.action()) {
            case ALLOW -> {
              return Optional.of(true);
            }
            case DENY -> {
              return Optional.of(false);
            }
            case PASS -> {
              return Optional.empty();
            }
            case LOG -> {}
          }
        }
      }
    }
    return switch (tier.end()) {
      case PASS -> Optional.empty();
      // Nor the end of a tier, where it asks for itself through a service.
      case DENY -> Optional.of(flow.source().equals(flow.destination()));
    };
  }

  private boolean meets(Condition condition, Flow flow) {
    return condition.any().stream().anyMatch(match -> is(match, flow)) != condition.negated();
  }

  private boolean is(Match match, Flow flow) {
    return switch (match) {
      case Match.Anything _ -> true;
      case Match.Family family -> flow.source().family() == family.family();
      case Match.Selected selected ->
          owner(address(selected.end(), flow))
              .filter(pod -> selects(selected.query(), pod))
              .isPresent();
      case Match.Block block -> {
        IpAddress address = address(block.end(), flow);
        yield block.cidr().contains(address)
            && block.except().stream().noneMatch(except -> except.contains(address));
      }
      // RandomModel draws none of these.
      case Match.Nodes _, Match.Domains _, Match.Service _ ->
          throw new IllegalStateException("unexpected " + match);
      case Match.Whole whole -> flow.protocol() == whole.protocol().number();
      case Match.Port port ->
          flow.protocol() == port.protocol().number()
              && port.from() <= number(port.end(), flow)
              && number(port.end(), flow) <= port.to();
      case Match.NamedPort named ->
          flow.protocol() == named.protocol().number()
              && owner(address(named.end(), flow)).stream()
                  .flatMap(pod -> pod.ports().stream())
                  .anyMatch(port ->
                      port.name().equals(named.name())
                          && port.protocol().equals(named.protocol())
                          && port.number() == number(named.end(), flow));
      case Match.Icmp icmp ->
          flow.protocol() == icmp.protocol().number()
              && flow.source().family() == icmp.family()
              && icmp.type().stream().allMatch(type -> type == flow.port() >> 8)
              && icmp.code().stream().allMatch(code -> code == (flow.port() & 0xff));
    };
  }

  private Optional<TestPod> owner(IpAddress address) {
    return cluster.pods().stream()
        .filter(pod -> !pod.finished() && !pod.hostNetwork())
        .filter(pod -> pod.addresses().contains(address))
        .findFirst();
  }

  private boolean selects(PodQuery query, TestPod pod) {
    return query.matches(
        pod.namespace(),
        cluster.namespaces().getOrDefault(pod.namespace(), Map.of()),
        pod.labels());
  }

  private static IpAddress address(End end, Flow flow) {
    return end == End.SOURCE ? flow.source() : flow.destination();
  }

  private static int number(End end, Flow flow) {
    return end == End.SOURCE ? flow.sourcePort() : flow.port();
  }
}
