package io.portolan.policy.reports;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.metrics.Meters;
import io.portolan.common.metrics.PolicyPackets;
import io.portolan.common.net.IpAddress;
import io.portolan.linux.nft.NftCount;
import io.portolan.linux.nft.NftCounter;
import io.portolan.linux.nft.NftListing.ListedCounter;
import io.portolan.policy.compile.PolicyCompiler;
import io.portolan.policy.compile.Reporting;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.PodName;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.nft.DesiredTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Figures of the kernel as those of policies. */
class PolicyCountsTest {
  private final DesiredTable table = new DesiredTable();
  private final PolicyCompiler compiler = new PolicyCompiler(table, Reporting.COUNTS);
  private final PolicyCounts counts = new PolicyCounts(this::counters, compiler.reportNames());

  PolicyCountsTest() {
    PodName name = new PodName("shop", "db");
    List<IpAddress> addresses = List.of(IpAddress.parse("10.0.0.1"));
    compiler.apply(new ClusterChange.NamespaceSeen("shop", Map.of()));
    compiler.apply(
        new ClusterChange.PodSeen(
            new ClusterPod(name, "uid", Map.of(), "", false, addresses, List.of(), Instant.EPOCH)));
    compiler.apply(new ClusterChange.PodWired(new LocalPod(name, "uid", "veth", addresses)));
  }

  /** Each counter of the table has counted as much as its place in it says, in 100 bytes each. */
  private List<ListedCounter> counters() {
    List<ListedCounter> listed = new ArrayList<>();
    listed.add(new ListedCounter(NftCounter.of("somebody-elses"), new NftCount(9, 9)));
    for (NftCounter counter : table.image().counters().values()) {
      long packets = listed.size();
      listed.add(new ListedCounter(counter, new NftCount(packets, 100 * packets)));
    }
    return listed;
  }

  private void policy(String name) throws Exception {
    compiler.apply(
        new ClusterChange.PolicySeen(
            NetworkPolicies.decode(
                new ObjectMapper()
                    .readTree(
                        "{'metadata':{'namespace':'shop','name':'%s'},'spec':{'ingress':[{}]}}"
                            .formatted(name)
                            .replace('\'', '"')))));
    compiler.settle();
  }

  @Test
  void metricsComeAndGoWithPolicies() throws Exception {
    try (Meters meters = new Meters("test")) {
      meters.policyPackets(counts::metrics);
      policy("a");
      assertThat(scraped(meters))
          .isEqualTo(
              """
              portolan_policy_bytes_total{component="test",direction="ingress",policy="end-of-tier",tier="default",verdict="denied"} 200.0
              portolan_policy_bytes_total{component="test",direction="ingress",policy="np/shop/a",tier="default",verdict="allowed"} 100.0
              portolan_policy_packets_total{component="test",direction="ingress",policy="end-of-tier",tier="default",verdict="denied"} 2.0
              portolan_policy_packets_total{component="test",direction="ingress",policy="np/shop/a",tier="default",verdict="allowed"} 1.0
              """);
      policy("b");
      compiler.apply(
          new ClusterChange.PolicyGone(new PolicyId(PolicyId.Kind.NETWORK_POLICY, "shop", "a")));
      compiler.settle();
      assertThat(scraped(meters))
          .contains("policy=\"np/shop/b\",tier=\"default\",verdict=\"allowed\"} 1.0")
          .doesNotContain("np/shop/a");
    }
  }

  @Test
  void policiesBeyondTheBoundAreAddedUp() throws Exception {
    int many = PolicyCounts.MOST_ROWS + 10;
    for (int i = 0; i < many; i++) {
      policy("p" + i);
    }
    List<PolicyPackets> metrics = counts.metrics();
    assertThat(metrics).hasSize(PolicyCounts.MOST_ROWS + 1);
    // The ends of tiers are counted, too: the eleven first of the table are the idlest.
    assertThat(metrics.getLast())
        .isEqualTo(new PolicyPackets("other", "", "ingress", "allowed", 66, 6600));
    long all = (many + 1L) * (many + 2L) / 2;
    assertThat(metrics.stream().mapToLong(PolicyPackets::packets).sum()).isEqualTo(all);
  }

  @Test
  void theDumpIsJson() throws Exception {
    policy("a");
    assertThat(counts.json())
        .isEqualTo(
            """
            [ {
              "policy" : {
                "kind" : "NetworkPolicy",
                "namespace" : "shop",
                "name" : "a"
              },
              "tier" : "default",
              "direction" : "ingress",
              "verdict" : "allowed",
              "packets" : 1,
              "bytes" : 100
            }, {
              "tier" : "default",
              "direction" : "ingress",
              "verdict" : "denied",
              "packets" : 2,
              "bytes" : 200
            } ]
            """);
  }

  private static String scraped(Meters meters) {
    return meters
            .scrape()
            .lines()
            .filter(line -> line.startsWith("portolan_policy_"))
            .collect(Collectors.joining("\n"))
        + "\n";
  }
}
