package io.portolan.policy.compile;

import io.portolan.common.select.NamespaceScope;
import io.portolan.common.select.PodQuery;
import io.portolan.common.select.Selector;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftStatement;
import io.portolan.policy.model.Action;
import io.portolan.policy.model.Condition;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.End;
import io.portolan.policy.model.Match;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyRule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;

/**
 * One direction of one policy as a chain, or as a part of one: its rules in order, each with the
 * verdict of its action; what no rule decides on comes to the end.
 *
 * <p>A rule is a conjunction of conditions, each with alternatives. {@link ConditionLowering}
 * merges alternatives that one lookup can answer; what is left is multiplied out, one kernel rule
 * each. Example: {@code from: [app=web, 10.0.0.0/8], ports: [80, 443, 53/UDP]} becomes
 *
 * <pre>
 *   meta l4proto tcp ct original ip saddr @pods4/… ct reply proto-src @ports/… accept
 *   meta l4proto tcp ct original ip6 saddr @pods6/… ct reply proto-src @ports/… accept
 *   meta l4proto tcp ct original ip saddr 10.0.0.0/8 ct reply proto-src @ports/… accept
 *   … and the same three for udp 53
 * </pre>
 */
final class PolicyLowering {
  private static final PodQuery EVERY_POD =
      new PodQuery(new NamespaceScope.Matching(Selector.ALL), Selector.ALL);

  /** And what is in no namespace. */
  private static final PodQuery EVERYBODY =
      new PodQuery(
          new NamespaceScope.GlobalAnd(Selector.ALL), Selector.ALL, PodQuery.View.INHERITED);

  private PolicyLowering() {}

  /**
   * @param chain its own; of a policy inside another chain there is none of that name
   * @param sets every set the rules look into
   * @param origins of each rule of the chain, what in the API it is there for
   * @param verdicts with the counters and chains that the rules need
   */
  record Lowered(
      NftChain chain,
      List<NftRule> rules,
      List<SetSpec> sets,
      List<RuleOrigin> origins,
      Verdicts verdicts) {
    boolean consistsOf(String chainOrSet) {
      return chain.name().equals(chainOrSet)
          || verdicts.denials().containsKey(chainOrSet)
          || sets.stream().anyMatch(set -> set.set().name().equals(chainOrSet));
    }
  }

  /** Whether a direction of a policy has a rule with this action. */
  static boolean has(Policy policy, Direction direction, Action action) {
    return policy.rules(direction).stream().anyMatch(rule -> rule.action() == action);
  }

  /**
   * @param inside the chain of its tier, if the rules are to be part of it: those that pass return
   *     from there
   */
  static Lowered lower(
      Policy policy, Direction direction, Optional<String> inside, Reporting reporting) {
    NftChain chain = NftChain.regular(Naming.policyChain(policy.id(), direction, inside));
    Verdicts verdicts =
        new Verdicts(
            reporting, chain.name(), inside.isPresent(), policy.reach() != Policy.Reach.UNTRACKED);
    SequencedSet<SetSpec> sets = new LinkedHashSet<>();
    SequencedMap<NftRule, RuleOrigin> rules = new LinkedHashMap<>();
    int index = 0;
    for (PolicyRule rule : policy.rules(direction)) {
      ConditionLowering conditions =
          new ConditionLowering(
              sets, end -> named(policy, direction, rule, end), EndFields.of(policy.reach()));
      List<Alternative> alternatives = List.of(Alternative.ALWAYS);
      for (Condition condition : rule.all()) {
        alternatives = ConditionLowering.product(alternatives, conditions.lower(condition));
      }
      String reason = policy.id() + " " + direction.text() + "[" + index + "]";
      RuleOrigin.OfRule origin =
          new RuleOrigin.OfRule(policy.tier(), policy.id(), direction, index++);
      for (Alternative alternative : alternatives) {
        List<NftStatement> statements = new ArrayList<>(alternative.test());
        if (policy.reach() == Policy.Reach.UNTRACKED && rule.action() == Action.ALLOW) {
          statements.add(new NftStatement.Notrack());
        }
        statements.addAll(verdicts.of(rule.action(), origin));
        // A rule that is there already never gets to its second occurrence. Rules that allow are
        // told by the policy's chain, if it has one; others say which one they are.
        boolean told = rule.action() == Action.ALLOW && inside.isEmpty();
        Optional<String> comment = told ? Optional.empty() : Optional.of(Naming.comment(reason));
        rules.putIfAbsent(new NftRule(statements, comment), origin);
      }
    }
    return new Lowered(
        chain,
        List.copyOf(rules.keySet()),
        List.copyOf(sets),
        List.copyOf(rules.values()),
        verdicts);
  }

  /**
   * Named ports are those of the endpoints that the rule selects at that end; if it selects none,
   * of the one that is there: the subject at its own end. The smallest group that holds all of them
   * makes the smallest set.
   */
  private static PodQuery named(Policy policy, Direction direction, PolicyRule rule, End end) {
    return rule.all().stream()
        .filter(condition -> !condition.negated() && condition.any().size() == 1)
        .map(condition -> condition.any().getFirst())
        .filter(Match.Selected.class::isInstance)
        .map(Match.Selected.class::cast)
        .filter(selected -> selected.end() == end)
        .map(Match.Selected::query)
        .findFirst()
        .orElseGet(() -> end == End.peer(direction) ? everybody(policy) : policy.subject());
  }

  /** Kubernetes' policies know pods only. */
  private static PodQuery everybody(Policy policy) {
    return switch (policy.subject().view()) {
      case OWN -> EVERY_POD;
      case INHERITED -> EVERYBODY;
    };
  }
}
