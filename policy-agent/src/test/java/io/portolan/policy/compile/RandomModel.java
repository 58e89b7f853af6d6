package io.portolan.policy.compile;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpFamily;
import io.portolan.common.select.NamespaceScope;
import io.portolan.common.select.PodQuery;
import io.portolan.common.select.Selector;
import io.portolan.policy.model.Action;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.Condition;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.End;
import io.portolan.policy.model.Match;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.model.PolicyRule;
import io.portolan.policy.model.Protocol;
import io.portolan.policy.model.Tier;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * Tiers and policies with everything the model can say: any action, several conditions to a rule,
 * each with alternatives of any kind, negated or not.
 */
public record RandomModel(List<Tier> tiers, List<Policy> policies) {

  public static RandomModel draw(Random random) {
    List<Tier> tiers = new ArrayList<>();
    for (String name : List.of("first", "second")) {
      if (random.nextInt(4) != 0) {
        tiers.add(new Tier(name, random.nextInt(3) * 1_000_000, pick(random, Tier.End.values())));
      }
    }
    List<Policy> policies = new ArrayList<>();
    for (int i = random.nextInt(7); i > 0; i--) {
      policies.add(policy(random, "t" + i));
    }
    return new RandomModel(tiers, policies);
  }

  /** Everything an agent would be told. */
  public List<ClusterChange> changes() {
    List<ClusterChange> changes = new ArrayList<>();
    tiers.forEach(tier -> changes.add(new ClusterChange.TierSeen(tier)));
    policies.forEach(policy -> changes.add(new ClusterChange.PolicySeen(policy)));
    return changes;
  }

  private static Policy policy(Random random, String name) {
    Set<Direction> directions = EnumSet.of(pick(random, Direction.values()));
    if (random.nextBoolean()) {
      directions.add(pick(random, Direction.values()));
    }
    return new Policy(
        new PolicyId(PolicyId.Kind.NETWORK_POLICY, "a", name),
        pick(random, "first", "second", "default", "kube-admin", "kube-baseline"),
        random.nextInt(3) == 0 ? Policy.LAST : random.nextInt(3),
        query(random),
        directions,
        rules(random),
        rules(random),
        List.of());
  }

  private static List<PolicyRule> rules(Random random) {
    List<PolicyRule> rules = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      List<Condition> all = new ArrayList<>();
      for (int n = random.nextInt(4); n > 0; n--) {
        List<Match> any = new ArrayList<>();
        for (int m = random.nextInt(5) == 0 ? 0 : 1 + random.nextInt(3); m > 0; m--) {
          any.add(match(random));
        }
        all.add(new Condition(any, random.nextInt(3) == 0));
      }
      rules.add(new PolicyRule(pick(random, Action.values()), all));
    }
    return rules;
  }

  private static Match match(Random random) {
    End end = pick(random, End.values());
    Protocol protocol = pick(random, Protocol.TCP, Protocol.UDP, Protocol.SCTP);
    int port = pick(random, 80, 81, 443, 8080, 53, 40_000);
    IpFamily family = pick(random, IpFamily.values());
    return switch (random.nextInt(11)) {
      case 0 -> new Match.Anything();
      case 1 -> new Match.Family(family);
      case 2, 3 -> new Match.Selected(end, query(random));
      case 4, 5 ->
          new Match.Block(
              end,
              Cidr.parse(
                  pick(random, "10.0.0.0/29", "10.0.0.4/30", "fd00::/126", "0.0.0.0/0", "::/0")),
              random.nextBoolean() ? List.of() : List.of(Cidr.parse("10.0.0.4/31")));
      case 6 -> new Match.Whole(protocol);
      case 7 -> new Match.Port(end, protocol, port, port);
      case 8 -> new Match.Port(end, protocol, port, port + random.nextInt(400));
      case 9 -> new Match.NamedPort(end, protocol, pick(random, "web", "dns", "metrics"));
      default ->
          new Match.Icmp(
              family,
              random.nextBoolean()
                  ? java.util.OptionalInt.empty()
                  : java.util.OptionalInt.of(pick(random, 8, 128, 0)),
              java.util.OptionalInt.empty());
    };
  }

  private static PodQuery query(Random random) {
    return new PodQuery(
        random.nextBoolean()
            ? new NamespaceScope.Only(pick(random, "a", "b", "c"))
            : new NamespaceScope.Matching(random.nextBoolean() ? Selector.ALL : selector(random)),
        random.nextInt(3) == 0 ? Selector.ALL : selector(random));
  }

  private static Selector selector(Random random) {
    String key = pick(random, "app", "tier", "x");
    return random.nextBoolean()
        ? new Selector.Has(key)
        : new Selector.In(key, new TreeSet<>(Set.of(pick(random, "a", "b", "c", "web", "db"))));
  }

  @SafeVarargs
  private static <T> T pick(Random random, T... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
