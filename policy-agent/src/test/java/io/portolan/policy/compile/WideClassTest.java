package io.portolan.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.PodName;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.Flow;
import io.portolan.policy.nft.FlowWalk;
import io.portolan.policy.nft.Generation;
import io.portolan.policy.nft.Skeleton;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pod that many policies select: the form, and what an edit costs, word for word. */
class WideClassTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<IpAddress> ADDRESSES = List.of(IpAddress.parse("10.0.0.1"));

  private final DesiredTable table = new DesiredTable();
  private final PolicyCompiler compiler =
      new PolicyCompiler(table, Reporting.NONE, new PortDispatch.Limits(3, 2, 2));

  @BeforeEach
  void aPodWithPolicies() throws Exception {
    compiler.apply(new ClusterChange.NamespaceSeen("a", Map.of()));
    compiler.apply(policy("p1", "80"));
    compiler.apply(policy("p2", "80", "443"));
    compiler.apply(policy("p3", "53/UDP"));
    compiler.apply(policy("p4", "8000-8080"));
    compiler.apply(policy("p5"));
    compiler.apply(policy("p6", "http"));
    PodName name = new PodName("a", "pod");
    compiler.apply(
        new ClusterChange.PodSeen(
            new ClusterPod(name, "uid", Map.of(), "", false, ADDRESSES, List.of(), Instant.EPOCH)));
    compiler.apply(new ClusterChange.PodWired(new LocalPod(name, "uid", "veth", ADDRESSES)));
    compiler.settle();
    table.committed();
  }

  @Test
  void aMapLeadsFromThePortToItsPolicies() {
    assertThat(form())
        .isEqualTo(
            """
            class/ingress/CLASS
              meta l4proto . ct reply proto-src vmap @class/ingress/CLASS/ports/0/0
              jump np/a/p4/ingress
              jump np/a/p6/ingress
              jump spared
              counter packets 0 bytes 0 drop
            class/ingress/CLASS/ports/0/0/tcp/80
              jump np/a/p1/ingress
              jump np/a/p2/ingress
            @class/ingress/CLASS/ports/0/0
              tcp . 443 : jump np/a/p2/ingress
              tcp . 80 : jump class/ingress/CLASS/ports/0/0/tcp/80
              udp . 53 : jump np/a/p3/ingress
            """);
  }

  @Test
  void aPolicyThatMovesToAnotherPortCostsItsRulesAndTheChainOfThePortItShared() throws Exception {
    compiler.apply(policy("p1", "81"));
    assertThat(transaction())
        .isEqualTo(
            """
            flush chain inet portolan np/a/p1/ingress
            add rule inet portolan np/a/p1/ingress meta l4proto tcp ct reply proto-src 81 accept
            delete element inet portolan class/ingress/CLASS/ports/0/0 { tcp . 80 }
            add element inet portolan class/ingress/CLASS/ports/0/0 { tcp . 80 : jump np/a/p2/ingress, tcp . 81 : jump np/a/p1/ingress }
            flush chain inet portolan class/ingress/CLASS/ports/0/0/tcp/80
            delete chain inet portolan class/ingress/CLASS/ports/0/0/tcp/80\
            """);
  }

  @Test
  void aPortOfTooManyMovesThemAsideAndBack() throws Exception {
    String before = form();
    compiler.apply(policy("p3", "53/UDP", "80"));
    compiler.settle();
    assertThat(form())
        .isEqualTo(
            """
            class/ingress/CLASS
              jump np/a/p1/ingress
              jump np/a/p2/ingress
              jump np/a/p3/ingress
              jump np/a/p4/ingress
              jump np/a/p6/ingress
              jump spared
              counter packets 0 bytes 0 drop
            """);
    compiler.apply(policy("p3", "53/UDP"));
    assertThat(transaction()).isEmpty();
    assertThat(form()).isEqualTo(before);
  }

  @Test
  void aReplacedMapGoesBeforeTheChainsItLeadsTo() throws Exception {
    compiler.apply(new ClusterChange.PolicyGone(id("p1")));
    assertThat(transaction())
        .containsSubsequence(
            "flush chain inet portolan class/ingress/CLASS\n",
            "delete set inet portolan class/ingress/CLASS/ports/0/0\n",
            "delete chain inet portolan class/ingress/CLASS\n",
            "delete chain inet portolan np/a/p1/ingress");
  }

  @Test
  void everyRuleOnTheWayKnowsWhatItIsThereFor() {
    StringBuilder told = new StringBuilder();
    for (int port : List.of(80, 443, 8080, 22)) {
      Flow flow = new Flow(IpAddress.parse("10.9.9.9"), ADDRESSES.getFirst(), 6, port);
      FlowWalk.Decision decision = new FlowWalk(table.image()).decide(Direction.INGRESS, flow);
      told.append(port);
      decision.path().stream()
          .skip(1)
          .forEach(step ->
              told.append(' ').append(compiler.origin(step.chain(), step.rule()).orElseThrow()));
      told.append('\n');
    }
    assertThat(told)
        .hasToString(
            """
            80 OfTierEnd[tier=default] OfTierEnd[tier=default] OfRule[tier=default, policy=np/a/p1, direction=INGRESS, rule=0]
            443 OfTierEnd[tier=default] OfRule[tier=default, policy=np/a/p2, direction=INGRESS, rule=0]
            8080 OfTierEnd[tier=default] OfRule[tier=default, policy=np/a/p4, direction=INGRESS, rule=0]
            22 OfTierEnd[tier=default]
            """);
  }

  @Test
  void whatTheKernelRefusesOfTheDispatchIsLaidToItsPolicies() {
    String chain =
        table.image().chains().keySet().stream()
            .filter(name -> name.endsWith("/ports/0/0/tcp/80"))
            .findFirst()
            .orElseThrow();
    assertThat(compiler.behind(chain)).hasSize(6);
    assertThat(compiler.behind(chain.replace("/tcp/80", ""))).hasSize(6);
  }

  /** The chains of the class and its maps. */
  private String form() {
    StringBuilder text = new StringBuilder();
    table
        .image()
        .chains()
        .forEach((name, chain) -> {
          if (name.startsWith("class/")) {
            text.append(name).append('\n');
            chain.rules().forEach(rule -> text.append("  ").append(rule).append('\n'));
          }
        });
    table
        .image()
        .sets()
        .forEach((name, set) -> {
          if (name.startsWith("class/")) {
            text.append('@').append(name).append('\n');
            text.append(
                set.elements().values().stream()
                    .map(element -> "  " + element + "\n")
                    .sorted()
                    .collect(Collectors.joining()));
          }
        });
    return plain(text.toString());
  }

  private String transaction() {
    compiler.settle();
    var pending = table.pending(Skeleton.TABLE);
    assertThat(table.mayDeny())
        .as("%s", pending)
        .isEqualTo(Generation.mustFollow(pending, table::isDenying));
    table.committed();
    return plain(pending.toString()).strip();
  }

  private static String plain(String text) {
    return text.replaceAll("class/ingress/[0-9a-f]{16}", "class/ingress/CLASS");
  }

  private static PolicyId id(String name) {
    return new PolicyId(PolicyId.Kind.NETWORK_POLICY, "a", name);
  }

  /** Of all pods, and open for everybody at these ports; without any, for nobody. */
  private static ClusterChange policy(String name, String... ports) throws Exception {
    String rules =
        List.of(ports).stream().map(WideClassTest::port).collect(Collectors.joining(","));
    String text =
        "{'metadata':{'namespace':'a','name':'%s'},'spec':{'podSelector':{},'ingress':[%s]}}"
            .formatted(name, ports.length == 0 ? "" : "{'ports':[" + rules + "]}");
    return new ClusterChange.PolicySeen(
        NetworkPolicies.decode(JSON.readTree(text.replace('\'', '"'))));
  }

  private static String port(String text) {
    String[] parts = text.split("/", -1);
    String[] range = parts[0].split("-", -1);
    String protocol = parts.length > 1 ? ",'protocol':'" + parts[1] + "'" : "";
    String end = range.length > 1 ? ",'endPort':" + range[1] : "";
    String first = range[0].matches("[0-9]+") ? range[0] : "'" + range[0] + "'";
    return "{'port':" + first + protocol + end + "}";
  }
}
