package io.portolan.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.policy.calico.CalicoPolicies;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.EndpointId;
import io.portolan.policy.model.EndpointSlice;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.PodName;
import io.portolan.policy.model.Protocol;
import io.portolan.policy.model.ServiceName;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.Generation;
import io.portolan.policy.nft.Skeleton;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A change of the cluster costs its own elements: the transactions, word for word. */
class ChangeCostTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final DesiredTable table = new DesiredTable();
  private final PolicyCompiler compiler = new PolicyCompiler(table);

  @BeforeEach
  void aNodeWithOnePolicedPod() throws Exception {
    compiler.apply(new ClusterChange.NamespaceSeen("shop", Map.of()));
    compiler.apply(policy("web", "'from':[{'podSelector':{'matchLabels':{'app':'client'}}}]"));
    compiler.apply(pod("server", "10.0.0.1", Map.of("app", "web")));
    compiler.apply(wired("server", "10.0.0.1"));
    compiler.apply(pod("client", "10.0.0.2", Map.of("app", "client")));
    compiler.settle();
    table.committed();
  }

  @Test
  void aLabelChangeTouchesTheElementsOfItsPodOnly() {
    compiler.apply(pod("client", "10.0.0.2", Map.of("app", "stranger")));
    assertThat(transaction())
        .isEqualTo("delete element inet portolan pods4/shop-app-client/6b8f { 10.0.0.2 }");
  }

  @Test
  void aNewPeerElsewhereIsOneElement() {
    compiler.apply(pod("client2", "10.0.0.3", Map.of("app", "client")));
    assertThat(transaction())
        .isEqualTo("add element inet portolan pods4/shop-app-client/6b8f { 10.0.0.3 }");
  }

  @Test
  void aPodThatMattersToNoRuleCostsNothing() {
    compiler.apply(pod("other", "10.0.0.4", Map.of("app", "other")));
    assertThat(transaction()).isEmpty();
  }

  @Test
  void anEditedPolicyTouchesItsOwnChain() throws Exception {
    compiler.apply(policy("web", "'ports':[{'port':80}]"));
    assertThat(transaction())
        .isEqualTo(
            """
            flush chain inet portolan np/shop/web/ingress
            add rule inet portolan np/shop/web/ingress meta l4proto tcp ct reply proto-src 80 accept
            delete set inet portolan pods4/shop-app-client/6b8f
            delete set inet portolan pods6/shop-app-client/6b8f\
            """);
  }

  @Test
  void aSecondPodOfTheClassAddsItsOwnElementsAndNoChain() {
    compiler.apply(pod("server2", "10.0.0.5", Map.of("app", "web")));
    compiler.apply(wired("server2", "10.0.0.5"));
    assertThat(transaction())
        .isEqualTo(
            """
            add element inet portolan itself4 { 10.0.0.5 . 10.0.0.5 }
            add element inet portolan pods { "vserver2" }
            add element inet portolan policed_ingress4 { 10.0.0.5 }
            add element inet portolan source4 { "vserver2" . 10.0.0.5 }
            add element inet portolan ingress4 { 10.0.0.5 : jump class/ingress/CLASS }\
            """);
  }

  @Test
  void theChainsOfABoundPodAreThereBeforeItIsWired() throws Exception {
    compiler.apply(policy("jobs", "job", "'ports':[{'port':80}]"));
    compiler.apply(pod("job1", "10.0.0.6", Map.of("app", "job")));
    compiler.apply(new ClusterChange.PodBound(new PodName("shop", "job1")));
    assertThat(transaction()).contains("add chain inet portolan class/ingress/CLASS");
    compiler.apply(wired("job1", "10.0.0.6"));
    assertThat(transaction())
        .isEqualTo(
            """
            add element inet portolan itself4 { 10.0.0.6 . 10.0.0.6 }
            add element inet portolan pods { "vjob1" }
            add element inet portolan policed_ingress4 { 10.0.0.6 }
            add element inet portolan source4 { "vjob1" . 10.0.0.6 }
            add element inet portolan ingress4 { 10.0.0.6 : jump class/ingress/CLASS }\
            """);
    compiler.apply(new ClusterChange.PodUnwired(new EndpointId("uid-job1", "vjob1")));
    assertThat(transaction()).doesNotContain("chain");
    compiler.apply(new ClusterChange.PodUnbound(new PodName("shop", "job1")));
    assertThat(transaction()).contains("delete chain inet portolan class/ingress/CLASS");
  }

  @Test
  void aChangeThatIsTakenBackLeavesNothingToDo() {
    compiler.apply(pod("client", "10.0.0.2", Map.of()));
    compiler.settle();
    compiler.apply(pod("client", "10.0.0.2", Map.of("app", "client")));
    assertThat(transaction()).isEmpty();
  }

  @Test
  void anAddressPassesFromAFinishedPodToItsSuccessor() {
    compiler.apply(
        new ClusterChange.PodSeen(
            new ClusterPod(
                new PodName("shop", "client"),
                "uid-client",
                Map.of("app", "client"),
                "",
                true,
                List.of(IpAddress.parse("10.0.0.2")),
                List.of(),
                Instant.EPOCH)));
    compiler.apply(pod("stranger", "10.0.0.2", Map.of()));
    assertThat(transaction())
        .isEqualTo("delete element inet portolan pods4/shop-app-client/6b8f { 10.0.0.2 }");
  }

  @Test
  void anEndpointThatMovesBetweenTwoSlicesOfItsServiceCostsNothing() throws Exception {
    String rule = "{'action':'Allow','destination':{'services':{'name':'db'}}}";
    compiler.apply(calico(rule, "{'action':'Deny','destination':{'services':{'name':'old'}}}"));
    compiler.apply(slice("db", "db-1", 5432, "10.0.1.1", "10.0.1.2"));
    compiler.settle();
    table.committed();
    compiler.apply(slice("db", "db-1", 5432, "10.0.1.1"));
    assertThat(transaction())
        .isEqualTo(
            "delete element inet portolan endpoints4/ports-of-service-shop-db/6b8f"
                + " { 10.0.1.2 . tcp . 5432 }");
    compiler.apply(slice("db", "db-2", 5432, "10.0.1.1", "10.0.1.3"));
    assertThat(transaction())
        .isEqualTo(
            "add element inet portolan endpoints4/ports-of-service-shop-db/6b8f"
                + " { 10.0.1.3 . tcp . 5432 }");
    compiler.apply(new ClusterChange.EndpointSliceGone("shop", "db-1"));
    assertThat(transaction()).isEmpty();
    compiler.apply(slice("cache", "cache-1", 6379, "10.0.1.4"));
    assertThat(transaction()).as("no rule names it").isEmpty();
    compiler.apply(slice("old", "db-2", 5432, "10.0.1.1"));
    assertThat(transaction())
        .as("a slice that belongs to another service now")
        .isEqualTo(
            """
            delete element inet portolan endpoints4/ports-of-service-shop-db/6b8f { 10.0.1.1 . tcp . 5432, 10.0.1.3 . tcp . 5432 }
            add element inet portolan endpoints4/ports-of-service-shop-old/6b8f { 10.0.1.1 . tcp . 5432 }\
            """);
  }

  private static ClusterChange calico(String... egress) throws Exception {
    String text =
        "{'metadata':{'namespace':'shop','name':'services'},'spec':{'types':['Egress'],'egress':["
            + String.join(",", egress)
            + "]}}";
    return CalicoPolicies.networkPolicy(JSON.readTree(text.replace('\'', '"')))
        .change()
        .orElseThrow();
  }

  private static ClusterChange slice(String service, String name, int port, String... addresses) {
    return new ClusterChange.EndpointSliceSeen(
        new EndpointSlice(
            new ServiceName("shop", service),
            name,
            Stream.of(addresses).map(IpAddress::parse).toList(),
            List.of(new EndpointSlice.Port(Protocol.TCP, port))));
  }

  /** What would be committed now, without the part of names that is a hash. */
  private String transaction() {
    compiler.settle();
    NftTransaction pending = table.pending(Skeleton.TABLE);
    assertThat(table.mayDeny())
        .as("%s", pending)
        .isEqualTo(Generation.mustFollow(pending, table::isDenying));
    String text = pending.toString();
    table.committed();
    return text.replaceAll("/[0-9a-f]{16}\\b", "/6b8f")
        .replace("class/ingress/6b8f", "class/ingress/CLASS")
        .strip();
  }

  private static ClusterChange policy(String name, String rule) throws Exception {
    return policy(name, "web", rule);
  }

  private static ClusterChange policy(String name, String app, String rule) throws Exception {
    String text =
        "{'metadata':{'namespace':'shop','name':'"
            + name
            + "'},'spec':{'podSelector':{'matchLabels':{'app':'"
            + app
            + "'}},'ingress':[{"
            + rule
            + "}]}}";
    return new ClusterChange.PolicySeen(
        NetworkPolicies.decode(JSON.readTree(text.replace('\'', '"'))));
  }

  private static ClusterChange pod(String name, String address, Map<String, String> labels) {
    return new ClusterChange.PodSeen(
        new ClusterPod(
            new PodName("shop", name),
            "uid-" + name,
            labels,
            "",
            false,
            List.of(IpAddress.parse(address)),
            List.of(new ClusterPod.NamedPort("http", Protocol.TCP, 80)),
            Instant.EPOCH));
  }

  private static ClusterChange wired(String name, String address) {
    return new ClusterChange.PodWired(
        new LocalPod(
            new PodName("shop", name),
            "uid-" + name,
            "v" + name,
            List.of(IpAddress.parse(address))));
  }
}
