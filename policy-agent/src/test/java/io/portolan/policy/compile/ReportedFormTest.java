package io.portolan.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterNetworkPolicies;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.PodName;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.Flow;
import io.portolan.policy.nft.FlowWalk;
import io.portolan.policy.nft.Skeleton;
import io.portolan.policy.nft.TableDiff;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A table that counts and records decides as one that does not. */
class ReportedFormTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final long seed = Long.getLong("portolan.seed", System.nanoTime());

  /** A compiler that reports, with its table. */
  private static final class Node {
    final DesiredTable table = new DesiredTable();
    final PolicyCompiler compiler;

    Node(Reporting reporting) {
      compiler = new PolicyCompiler(table, reporting);
    }

    Node feed(List<ClusterChange> changes) {
      changes.forEach(compiler::apply);
      compiler.settle();
      return this;
    }

    String text() {
      return TableDiff.rebuild(Skeleton.TABLE, table.image()).toString();
    }
  }

  @Test
  void decidesTheSameForTheSameReason() throws Exception {
    for (int i = 0; i < 150; i++) {
      Random random = new Random(seed + i);
      RandomCluster cluster = RandomCluster.drawTiered(random);
      List<ClusterChange> changes = cluster.changes();
      Node silent = new Node(Reporting.NONE).feed(changes);
      Node counting = new Node(Reporting.COUNTS).feed(changes);
      Node telling = new Node(Reporting.ALL).feed(changes);
      FlowWalk expected = new FlowWalk(silent.table.image());
      for (Flow flow : cluster.flows(random)) {
        for (Direction direction : Direction.values()) {
          String decided = decided(silent, expected, direction, flow);
          for (Node other : List.of(counting, telling)) {
            assertThat(decided(other, new FlowWalk(other.table.image()), direction, flow))
                .as("seed %d: %s", seed + i, flow)
                .isEqualTo(decided);
          }
        }
      }
    }
  }

  private static String decided(Node node, FlowWalk walk, Direction direction, Flow flow) {
    FlowWalk.Decision decision = walk.decide(direction, flow);
    return decision.allowed()
        + (decision.path().isEmpty()
            ? ""
            : ""
                + node.compiler.origin(
                    decision.path().getLast().chain(), decision.path().getLast().rule()));
  }

  @Test
  void theTableDependsOnTheStateNotOnItsHistory() throws Exception {
    for (int i = 0; i < 60; i++) {
      Random random = new Random(seed + i);
      Node wandering = new Node(Reporting.ALL);
      List<ClusterChange> present = List.of();
      for (int state = 0; state < 4; state++) {
        List<ClusterChange> next = RandomCluster.drawTiered(random).changes();
        List<ClusterChange> steps = new ArrayList<>(Removals.between(present, next));
        steps.addAll(next);
        Collections.shuffle(steps, random);
        for (ClusterChange step : steps) {
          wandering.compiler.apply(step);
          if (random.nextInt(4) == 0) {
            wandering.compiler.settle();
          }
        }
        wandering.feed(next);
        present = next;
        Node direct = new Node(Reporting.ALL).feed(next);
        assertThat(wandering.text()).as("seed %d", seed + i).isEqualTo(direct.text());
        assertThat(wandering.compiler.reportNames().counters())
            .as("seed %d", seed + i)
            .isEqualTo(direct.compiler.reportNames().counters());
      }
      wandering.feed(Removals.between(present, List.of()));
      assertThat(wandering.text()).isEqualTo(new Node(Reporting.ALL).text());
      assertThat(wandering.compiler.reportNames().counters()).isEmpty();
    }
  }

  /**
   * Without a flow log a packet costs a counter at the rule that decides, and nothing before it.
   */
  @Test
  void countingAddsNothingButCounters() throws Exception {
    for (int i = 0; i < 60; i++) {
      List<ClusterChange> changes = RandomCluster.drawTiered(new Random(seed + i)).changes();
      String counting =
          new Node(Reporting.COUNTS)
              .feed(changes)
              .text()
              .lines()
              .filter(line -> !line.startsWith("add counter "))
              .map(line ->
                  line.replaceAll("counter name \"denied/[^\"]*\"", "counter packets 0 bytes 0"))
              .map(line -> line.replaceAll("counter name \"allowed/[^\"]*\" ", ""))
              .collect(Collectors.joining("\n", "", "\n"));
      assertThat(counting)
          .as("seed %d", seed + i)
          .isEqualTo(new Node(Reporting.NONE).feed(changes).text());
    }
  }

  @Test
  void theRulesReadWell() throws Exception {
    Node node = new Node(Reporting.ALL);
    PodName name = new PodName("shop", "db");
    List<IpAddress> addresses = List.of(IpAddress.parse("10.0.0.1"));
    node.feed(
        List.of(
            new ClusterChange.NamespaceSeen("shop", Map.of()),
            new ClusterChange.PodSeen(
                new ClusterPod(
                    name, "uid", Map.of(), "", false, addresses, List.of(), Instant.EPOCH)),
            new ClusterChange.PodWired(new LocalPod(name, "uid", "veth", addresses)),
            new ClusterChange.PolicySeen(
                NetworkPolicies.decode(
                    JSON.readTree(
                        """
                        {"metadata":{"namespace":"shop","name":"db"},"spec":{
                         "ingress":[{"ports":[{"port":5432}]}]}}\
                        """))),
            new ClusterChange.PolicySeen(
                ClusterNetworkPolicies.decode(
                    JSON.readTree(
                        """
                        {"metadata":{"name":"guard"},"spec":{"tier":"Admin","priority":1,
                         "subject":{"namespaces":{}},"ingress":[{"action":"Deny",
                          "from":[{"namespaces":{"matchLabels":{"bad":"yes"}}}],
                          "protocols":[{"tcp":{"destinationPort":{"number":22}}}]}]}}\
                        """)))));
    String chains =
        node.text()
            .lines()
            .filter(line -> line.matches("add (counter|rule|chain).*(np|cnp|class)/.*"))
            .map(line -> line.replaceAll("/[0-9a-f]{16}\\b", "/6b8f"))
            .reduce("", (all, line) -> all + line + "\n");
    assertThat(chains)
        .isEqualTo(
            """
            add counter inet portolan allowed/np/shop/db/ingress
            add counter inet portolan denied/cnp/guard/ingress
            add chain inet portolan class/ingress/6b8f { comment "cnp/guard, np/shop/db"; }
            add chain inet portolan cnp/guard/ingress
            add chain inet portolan cnp/guard/ingress/deny/0
            add chain inet portolan np/shop/db/ingress
            add rule inet portolan class/ingress/6b8f jump unjudged
            add rule inet portolan class/ingress/6b8f jump cnp/guard/ingress
            add rule inet portolan class/ingress/6b8f jump np/shop/db/ingress
            add rule inet portolan class/ingress/6b8f jump spared
            add rule inet portolan class/ingress/6b8f ct state new limit rate 50/second burst 100 packets log prefix "denied class/ingress/6b8f" group 28783 snaplen 128
            add rule inet portolan class/ingress/6b8f ct state established,related ct direction original limit rate 50/second burst 100 packets log prefix "denied established class/ingress/6b8f" group 28783 snaplen 128
            add rule inet portolan class/ingress/6b8f ct state established,related ct direction reply limit rate 50/second burst 100 packets log prefix "denied replies class/ingress/6b8f" group 28783 snaplen 128
            add rule inet portolan class/ingress/6b8f counter name "denied/tier/default/ingress" drop
            add rule inet portolan cnp/guard/ingress meta l4proto tcp ct original ip saddr @pods4/bad-yes-all/6b8f ct reply proto-src 22 goto cnp/guard/ingress/deny/0 comment "cnp/guard ingress[0]"
            add rule inet portolan cnp/guard/ingress meta l4proto tcp ct original ip6 saddr @pods6/bad-yes-all/6b8f ct reply proto-src 22 goto cnp/guard/ingress/deny/0 comment "cnp/guard ingress[0]"
            add rule inet portolan cnp/guard/ingress/deny/0 ct state new limit rate 50/second burst 100 packets log prefix "denied cnp/guard ingress[0]" group 28783 snaplen 128
            add rule inet portolan cnp/guard/ingress/deny/0 ct state established,related ct direction original limit rate 50/second burst 100 packets log prefix "denied established cnp/guard ingress[0]" group 28783 snaplen 128
            add rule inet portolan cnp/guard/ingress/deny/0 ct state established,related ct direction reply limit rate 50/second burst 100 packets log prefix "denied replies cnp/guard ingress[0]" group 28783 snaplen 128
            add rule inet portolan cnp/guard/ingress/deny/0 counter name "denied/cnp/guard/ingress" drop
            add rule inet portolan np/shop/db/ingress meta l4proto tcp ct reply proto-src 5432 counter name "allowed/np/shop/db/ingress" accept
            """);
    assertThat(node.compiler.reportNames().counters())
        .hasToString(
            "{allowed/np/shop/db/ingress=Counted[policy=Optional[np/shop/db], tier=default,"
                + " direction=INGRESS, allowed=true],"
                + " denied/cnp/guard/ingress=Counted[policy=Optional[cnp/guard], tier=kube-admin,"
                + " direction=INGRESS, allowed=false],"
                + " denied/tier/default/ingress=Counted[policy=Optional.empty, tier=default,"
                + " direction=INGRESS, allowed=false]}");
    assertThat(node.compiler.reportNames().ofPrefix("denied cnp/guard ingress[0]"))
        .hasToString(
            "Optional[Reported[verdict=DENIED, packets=OPENING, direction=INGRESS,"
                + " origin=OfRule[tier=kube-admin, policy=cnp/guard, direction=INGRESS, rule=0],"
                + " policies=[cnp/guard]]]");
  }
}
