package io.portolan.policy.agent;

import static io.portolan.policy.agent.Connecting.connects;
import static io.portolan.policy.agent.Connecting.isSilent;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.select.NamespaceScope;
import io.portolan.common.select.PodQuery;
import io.portolan.common.select.Selector;
import io.portolan.policy.model.Action;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.Condition;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.End;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.Match;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.PodName;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.model.PolicyRule;
import io.portolan.policy.model.Protocol;
import io.portolan.policy.model.Tier;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The kernel itself refuses a rule of more than 128 expressions (NFT_RULE_MAXEXPRS: EINVAL). */
class RefusedPolicyNetnsIT {
  private static final IpAddress WEB = IpAddress.parse("10.1.0.1");
  private static final IpAddress DB = IpAddress.parse("10.1.0.2");
  private static final IpAddress CLIENT = IpAddress.parse("10.9.0.1");

  private static final int TIERS = 40;

  private final RecordingObserver observer = new RecordingObserver();

  @Test
  void oneIsClosedAndTheOthersAreInForce() throws Exception {
    try (NetworkLab lab = new NetworkLab();
        EchoServers servers = new EchoServers()) {
      Host web = lab.attach("vweb", List.of(WEB));
      Host db = lab.attach("vdb", List.of(DB));
      Host client = lab.attach("vclient", List.of(CLIENT));
      servers.serve(web, 80).serve(web, 81).serve(db, 80).serve(db, 81);
      Enforcer enforcer = new Enforcer(lab.tables(), () -> {}, observer, InstantSource.system());
      enforcer.start();
      enforcer.synced();
      pods().forEach(enforcer::apply);
      for (int i = 0; i < TIERS; i++) {
        enforcer.apply(tier(i));
        enforcer.apply(policy(i, new PolicyRule(Action.PASS, List.of())));
      }
      enforcer.apply(tier(TIERS));
      enforcer.apply(policy(TIERS, new PolicyRule(Action.DENY, List.of(to(81)))));
      assertThat(enforcer.commit()).isTrue();
      assertThat(enforcer.leftOut()).isEmpty();
      assertThat(connects(client, WEB, 80)).as("40 tiers pass on").isTrue();
      assertThat(isSilent(client, WEB, 81)).as("the one behind them denies").isTrue();
      observer.take();

      enforcer.apply(allowDb(80));
      for (int i = 3; i < 6; i++) {
        enforcer.apply(policy(i, new PolicyRule(Action.DENY, List.of(to(i)))));
      }
      ClusterChange.PolicySeen long7 = policy(7, new PolicyRule(Action.DENY, everyOneOf(70)));
      enforcer.apply(long7);
      assertThat(enforcer.commit()).isTrue();
      assertThat(enforcer.leftOut().keySet()).containsExactly(long7.policy().id());
      assertThat(enforcer.leftOut().values()).allMatch(reason -> reason.contains("EINVAL"));
      assertThat(observer.take()).noneMatch(line -> line.startsWith("failed"));
      assertThat(isSilent(client, WEB, 80)).as("what it selects is closed").isTrue();
      assertThat(connects(client, DB, 80)).as("another policy of the batch").isTrue();
      assertThat(isSilent(client, DB, 81)).isTrue();

      enforcer.apply(allowDb(81));
      assertThat(enforcer.commit()).isTrue();
      assertThat(connects(client, DB, 81)).as("a later change").isTrue();
      assertThat(isSilent(client, DB, 80)).isTrue();

      enforcer.apply(new ClusterChange.PolicyGone(long7.policy().id()));
      assertThat(enforcer.retryLeftOut()).isTrue();
      assertThat(enforcer.leftOut()).isEmpty();
      assertThat(connects(client, WEB, 80)).isTrue();
    }
  }

  private static List<ClusterChange> pods() {
    List<ClusterChange> changes = new ArrayList<>();
    changes.add(new ClusterChange.NamespaceSeen("shop", Map.of()));
    changes.addAll(pod("web", WEB));
    changes.addAll(pod("db", DB));
    return changes;
  }

  private static List<ClusterChange> pod(String name, IpAddress address) {
    PodName pod = new PodName("shop", name);
    return List.of(
        new ClusterChange.PodSeen(
            new ClusterPod(
                pod,
                "uid-" + name,
                Map.of("app", name),
                "",
                false,
                List.of(address),
                List.of(),
                Instant.EPOCH)),
        new ClusterChange.PodWired(new LocalPod(pod, "uid-" + name, "v" + name, List.of(address))));
  }

  private static ClusterChange.TierSeen tier(int i) {
    return new ClusterChange.TierSeen(new Tier("t" + i, i, Tier.End.PASS));
  }

  private static ClusterChange.PolicySeen policy(int i, PolicyRule rule) {
    Selector web = Selector.labels(Map.of("app", "web"));
    return new ClusterChange.PolicySeen(
        new Policy(
            new PolicyId(PolicyId.Kind.CALICO_GLOBAL, "", "policy" + i),
            "t" + i,
            1,
            new PodQuery(new NamespaceScope.Matching(Selector.ALL), web),
            Set.of(Direction.INGRESS),
            List.of(),
            List.of(rule),
            List.of()));
  }

  private static Condition to(int port) {
    return Condition.anyOf(List.of(new Match.Port(End.DESTINATION, Protocol.TCP, port, port)));
  }

  /** Conditions that are a comparison of their own each. */
  private static List<Condition> everyOneOf(int number) {
    return IntStream.range(0, number)
        .mapToObj(i ->
            Condition.noneOf(
                List.of(new Match.Block(End.SOURCE, Cidr.parse("10.9." + i + ".0/24"), List.of()))))
        .toList();
  }

  private static ClusterChange allowDb(int port) throws Exception {
    return new ClusterChange.PolicySeen(
        NetworkPolicies.decode(
            new ObjectMapper()
                .readTree(
                    """
                    {"metadata":{"namespace":"shop","name":"db"},"spec":{
                     "podSelector":{"matchLabels":{"app":"db"}},
                     "ingress":[{"ports":[{"port":%d}]}]}}\
                    """
                        .formatted(port))));
  }
}
