package io.portolan.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.common.select.NamespaceScope;
import io.portolan.common.select.PodQuery;
import io.portolan.common.select.Selector;
import io.portolan.linux.nft.NftStatement;
import io.portolan.policy.model.Action;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterNetworkPolicies;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.PodName;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.model.PolicyRule;
import io.portolan.policy.model.Protocol;
import io.portolan.policy.model.Tier;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.Flow;
import io.portolan.policy.nft.FlowWalk;
import io.portolan.policy.nft.Skeleton;
import io.portolan.policy.nft.TableDiff;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** ClusterNetworkPolicy around NetworkPolicy: each sentence of the API by itself. */
class TiersTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final IpAddress WEB = IpAddress.parse("10.0.0.1");
  private static final IpAddress DB = IpAddress.parse("10.0.0.2");
  private static final IpAddress OUTSIDE = IpAddress.parse("192.0.2.7");
  private static final IpAddress SERVICE = IpAddress.parse("10.96.0.10");
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int ICMP = 1;

  /** Rules on what web sends. */
  private static final String WEB_EGRESS =
      "'subject':{'pods':{'namespaceSelector':{},'podSelector':{'matchLabels':{'app':'web'}}}},"
          + "'egress':";

  private static final String DB_INGRESS =
      "'subject':{'pods':{'namespaceSelector':{},'podSelector':{'matchLabels':{'app':'db'}}}},"
          + "'ingress':";
  private static final String TO_ALL = "'to':[{'namespaces':{}}]";
  private static final String FROM_ALL = "'from':[{'namespaces':{}}]";
  private static final String TO_ANYTHING = "'to':[{'networks':['0.0.0.0/0','::/0']}]";

  private final DesiredTable table = new DesiredTable();
  private final PolicyCompiler compiler = new PolicyCompiler(table);

  @BeforeEach
  void twoPodsOfTheNode() {
    feed(new ClusterChange.NamespaceSeen("shop", Map.of("team", "a")));
    pod("web", WEB);
    pod("db", DB);
  }

  private void feed(ClusterChange change) {
    compiler.apply(change);
    compiler.settle();
  }

  private void pod(String name, IpAddress address) {
    PodName id = new PodName("shop", name);
    feed(
        new ClusterChange.PodSeen(
            new ClusterPod(
                id,
                "uid-" + name,
                Map.of("app", name),
                "",
                false,
                List.of(address),
                List.of(
                    new ClusterPod.NamedPort("main", Protocol.TCP, 80),
                    new ClusterPod.NamedPort("main", Protocol.UDP, 81)),
                Instant.EPOCH)));
    feed(
        new ClusterChange.PodWired(
            new LocalPod(id, "uid-" + name, "veth" + name, List.of(address))));
  }

  private void cluster(String name, String tier, int priority, String rest) throws Exception {
    String text =
        "{'metadata':{'name':'%s'},'spec':{'tier':'%s','priority':%d,%s}}"
            .formatted(name, tier, priority, rest);
    Policy policy = ClusterNetworkPolicies.decode(JSON.readTree(text.replace('\'', '"')));
    feed(new ClusterChange.PolicySeen(policy));
  }

  private void admin(String rest) throws Exception {
    cluster("admin", "Admin", 10, rest);
  }

  private void baseline(String rest) throws Exception {
    cluster("baseline", "Baseline", 10, rest);
  }

  private void namespaced(String name, String spec) throws Exception {
    String text =
        "{'metadata':{'namespace':'shop','name':'" + name + "'},'spec':{'podSelector':{}," + spec;
    feed(
        new ClusterChange.PolicySeen(
            NetworkPolicies.decode(JSON.readTree((text + "}}").replace('\'', '"')))));
  }

  private static String rule(String action, String rest) {
    return "{'action':'" + action + "'," + rest + "}";
  }

  private boolean allows(Flow flow) {
    return new FlowWalk(table.image()).allows(flow);
  }

  private boolean webToDb() {
    return allows(new Flow(WEB, DB, TCP, 80));
  }

  @Test
  void adminComesBeforeNetworkPolicy() throws Exception {
    namespaced("closed", "'policyTypes':['Egress'],'egress':[]");
    assertThat(webToDb()).isFalse();
    admin(WEB_EGRESS + "[" + rule("Accept", TO_ALL) + "]");
    assertThat(webToDb()).isTrue();
    assertThat(allows(new Flow(WEB, OUTSIDE, TCP, 80))).as("what admin does not say").isFalse();

    namespaced("closed", "'policyTypes':['Egress'],'egress':[{}]");
    admin(WEB_EGRESS + "[" + rule("Deny", TO_ALL) + "]");
    assertThat(webToDb()).isFalse();
    assertThat(allows(new Flow(WEB, OUTSIDE, TCP, 80))).isTrue();
  }

  @Test
  void networkPolicyComesBeforeBaseline() throws Exception {
    baseline(WEB_EGRESS + "[" + rule("Deny", TO_ALL) + "]");
    assertThat(webToDb()).isFalse();
    namespaced("open", "'policyTypes':['Egress'],'egress':[{}]");
    assertThat(webToDb()).isTrue();
    baseline(WEB_EGRESS + "[" + rule("Accept", TO_ALL) + "]");
    namespaced("open", "'policyTypes':['Egress'],'egress':[]");
    assertThat(webToDb()).as("isolation is a decision").isFalse();
  }

  @Test
  void withoutAMatchingRuleEverythingIsAllowed() throws Exception {
    String port = ",'protocols':[{'tcp':{'destinationPort':{'number':81}}}]";
    admin(WEB_EGRESS + "[" + rule("Deny", TO_ALL + port) + "]");
    baseline(DB_INGRESS + "[" + rule("Deny", FROM_ALL + port) + "]");
    assertThat(webToDb()).isTrue();
    assertThat(allows(new Flow(WEB, DB, TCP, 81))).isFalse();
    assertThat(allows(new Flow(OUTSIDE, DB, TCP, 81))).as("no pod, not named").isTrue();
  }

  @Test
  void passLeavesTheTierFromAnyOfItsPolicies() throws Exception {
    cluster("first", "Admin", 1, WEB_EGRESS + "[" + rule("Pass", TO_ALL) + "]");
    cluster("second", "Admin", 2, WEB_EGRESS + "[" + rule("Deny", TO_ANYTHING) + "]");
    assertThat(webToDb()).as("nothing behind the tier").isTrue();
    assertThat(allows(new Flow(WEB, OUTSIDE, TCP, 80))).isFalse();
    baseline(WEB_EGRESS + "[" + rule("Deny", TO_ALL) + "]");
    assertThat(webToDb()).as("to baseline").isFalse();
    namespaced("open", "'policyTypes':['Egress'],'egress':[{}]");
    assertThat(webToDb()).as("to NetworkPolicy").isTrue();
  }

  @Test
  void passInBaselineMeansAllow() throws Exception {
    baseline(WEB_EGRESS + "[" + rule("Pass", TO_ALL) + "," + rule("Deny", TO_ANYTHING) + "]");
    assertThat(webToDb()).isTrue();
    assertThat(allows(new Flow(WEB, OUTSIDE, TCP, 80))).isFalse();
  }

  @Test
  void lowerPriorityIsAskedFirstAndRulesInTheirOrder() throws Exception {
    cluster("z", "Admin", 5, WEB_EGRESS + "[" + rule("Accept", TO_ALL) + "]");
    cluster("a", "Admin", 6, WEB_EGRESS + "[" + rule("Deny", TO_ALL) + "]");
    assertThat(webToDb()).isTrue();
    cluster("z", "Admin", 7, WEB_EGRESS + "[" + rule("Accept", TO_ALL) + "]");
    assertThat(webToDb()).isFalse();
    cluster(
        "a",
        "Admin",
        6,
        WEB_EGRESS + "[" + rule("Accept", TO_ALL) + "," + rule("Deny", TO_ALL) + "]");
    assertThat(webToDb()).isTrue();
    cluster(
        "a",
        "Admin",
        6,
        WEB_EGRESS + "[" + rule("Deny", TO_ALL) + "," + rule("Accept", TO_ALL) + "]");
    assertThat(webToDb()).isFalse();
    // Of equal ones, whose order the API leaves open, the first by name.
    cluster("z", "Admin", 6, WEB_EGRESS + "[" + rule("Accept", TO_ALL) + "]");
    assertThat(webToDb()).isFalse();
  }

  @Test
  void networkPolicyDecidesForTheDirectionItIsolatesOnly() throws Exception {
    baseline(DB_INGRESS + "[" + rule("Deny", FROM_ALL) + "]");
    namespaced("egress-only", "'policyTypes':['Egress'],'egress':[{}]");
    assertThat(webToDb()).as("db's ingress still meets the baseline").isFalse();
    namespaced("ingress-too", "'policyTypes':['Ingress'],'ingress':[{}]");
    assertThat(webToDb()).isTrue();
  }

  @Test
  void acceptIsForOneEndOnly() throws Exception {
    admin(WEB_EGRESS + "[" + rule("Accept", TO_ALL) + "]");
    cluster("other", "Admin", 1, DB_INGRESS + "[" + rule("Deny", FROM_ALL) + "]");
    assertThat(webToDb()).isFalse();
  }

  @Test
  void aPolicyWithoutRulesInADirectionDoesNotAffectIt() throws Exception {
    String clean = text();
    admin("'subject':{'namespaces':{}},'ingress':[],'egress':[]");
    assertThat(text()).isEqualTo(clean);
  }

  @Test
  void aRuleWithoutProtocolsMeansAllTraffic() throws Exception {
    admin(WEB_EGRESS + "[" + rule("Deny", "'to':[{'networks':['10.0.0.2/32']}]") + "]");
    for (int protocol : new int[] {TCP, UDP, 132, ICMP, 47}) {
      assertThat(allows(new Flow(WEB, DB, protocol, 0))).as("protocol %d", protocol).isFalse();
    }
    assertThat(allows(new Flow(WEB, OUTSIDE, ICMP, 0))).isTrue();
  }

  @Test
  void networksHaveAFamily() throws Exception {
    IpAddress web6 = IpAddress.parse("fd00::1");
    feed(
        new ClusterChange.PodWired(
            new LocalPod(new PodName("shop", "web"), "uid-web", "vethweb", List.of(WEB, web6))));
    admin(WEB_EGRESS + "[" + rule("Deny", "'to':[{'networks':['::/0']}]") + "]");
    assertThat(webToDb()).isTrue();
    assertThat(allows(new Flow(WEB, DB, ICMP, 0))).isTrue();
    IpAddress other6 = IpAddress.parse("fd00::2");
    assertThat(allows(new Flow(web6, other6, TCP, 80))).isFalse();
    assertThat(allows(new Flow(web6, other6, 58, 128 << 8))).isFalse();
  }

  @Test
  void aNamedPortIsThatOfThePodWhateverTheProtocol() throws Exception {
    String named = ",'protocols':[{'destinationNamedPort':'main'}]";
    admin(WEB_EGRESS + "[" + rule("Deny", TO_ANYTHING + named) + "]");
    assertThat(webToDb()).isFalse();
    assertThat(allows(new Flow(WEB, DB, UDP, 81))).isFalse();
    assertThat(allows(new Flow(WEB, DB, UDP, 80))).isTrue();
    assertThat(allows(new Flow(WEB, OUTSIDE, TCP, 80))).as("no pod has it").isTrue();
    feed(new ClusterChange.PolicyGone(id("admin")));
    cluster("ingress", "Admin", 1, DB_INGRESS + "[" + rule("Deny", FROM_ALL + named) + "]");
    assertThat(webToDb()).isFalse();
    assertThat(allows(new Flow(WEB, DB, TCP, 81))).isTrue();
  }

  @Test
  void denyIsSilent() throws Exception {
    admin(WEB_EGRESS + "[" + rule("Deny", TO_ALL) + "]");
    assertThat(
            table.image().chains().values().stream()
                .flatMap(chain -> chain.rules().stream())
                .flatMap(rule -> rule.statements().stream())
                .filter(NftStatement.Reject.class::isInstance))
        .isEmpty();
    assertThat(
            new FlowWalk(table.image())
                .decide(Direction.EGRESS, new Flow(WEB, DB, TCP, 80))
                .path()
                .getLast()
                .chain())
        .isEqualTo("cnp/admin/egress");
  }

  @Test
  void nodesAreKnownByEachOfTheirAddresses() throws Exception {
    String nodes = "'to':[{'nodes':{'matchLabels':{'role':'control'}}}]";
    admin(WEB_EGRESS + "[" + rule("Deny", nodes) + "]");
    Flow flow = new Flow(WEB, OUTSIDE, TCP, 6443);
    assertThat(allows(flow)).isTrue();
    String without = text();
    node("n1", "control", OUTSIDE, IpAddress.parse("192.0.2.8"));
    assertThat(allows(flow)).isFalse();
    node("n2", "control", OUTSIDE);
    node("n1", "worker", OUTSIDE, IpAddress.parse("192.0.2.8"));
    assertThat(allows(flow)).as("another node has the address too").isFalse();
    assertThat(allows(new Flow(WEB, IpAddress.parse("192.0.2.8"), TCP, 6443))).isTrue();
    feed(new ClusterChange.NodeGone("n2"));
    assertThat(allows(flow)).isTrue();
    assertThat(text()).isEqualTo(without);
  }

  private void node(String name, String role, IpAddress... addresses) {
    feed(new ClusterChange.NodeSeen(name, Map.of("role", role), List.of(addresses)));
  }

  @Test
  void domainNamesMatchWhatTheyStoodFor() throws Exception {
    String domain = "'to':[{'domainNames':['*.example.org']}]";
    admin(WEB_EGRESS + "[" + rule("Accept", domain) + "," + rule("Deny", TO_ANYTHING) + "]");
    Flow flow = new Flow(WEB, OUTSIDE, TCP, 443);
    assertThat(allows(flow)).isFalse();
    feed(new ClusterChange.DnsSeen("example.org", List.of(OUTSIDE)));
    assertThat(allows(flow)).isFalse();
    feed(new ClusterChange.DnsSeen("A.b.Example.org.", List.of(OUTSIDE)));
    assertThat(allows(flow)).isTrue();
    feed(new ClusterChange.DnsSeen("a.b.example.org", List.of()));
    assertThat(allows(flow)).isFalse();
  }

  @Test
  void whatIsNotUnderstoodFailsClosed() throws Exception {
    String unknown = "'to':[{'namespaces':{}},{'planets':{}}]";
    for (String action : List.of("Deny", "Pass")) {
      admin(WEB_EGRESS + "[" + rule(action, unknown) + "]");
      assertThat(allows(new Flow(WEB, OUTSIDE, UDP, 53))).as(action).isFalse();
    }
    admin(WEB_EGRESS + "[" + rule("Accept", unknown) + "," + rule("Deny", TO_ALL) + "]");
    assertThat(webToDb()).isFalse();
  }

  @Test
  void aPodIsSubjectTowardsItselfOnlyThroughAService() throws Exception {
    Flow direct = new Flow(WEB, WEB, TCP, 80);
    Flow hairpin = direct.through(SERVICE);
    admin(WEB_EGRESS + "[" + rule("Deny", TO_ALL) + "]");
    assertThat(allows(direct)).isTrue();
    assertThat(allows(hairpin)).isFalse();
    feed(new ClusterChange.PolicyGone(id("admin")));
    namespaced("closed", "'policyTypes':['Ingress','Egress']");
    assertThat(allows(direct)).isTrue();
    assertThat(allows(hairpin)).as("NetworkPolicy").isTrue();
  }

  @Test
  void whoJoinsWhatARuleDeniesIsJudgedAgain() throws Exception {
    admin(WEB_EGRESS + "[" + rule("Deny", "'to':[{'nodes':{}}]") + "]");
    table.committed();
    node("n1", "any", OUTSIDE);
    assertThat(table.mayDeny()).as("denied from now on").isTrue();

    admin(WEB_EGRESS + "[" + rule("Accept", "'to':[{'nodes':{}}]") + "]");
    table.committed();
    node("n2", "any", IpAddress.parse("192.0.2.8"));
    assertThat(table.mayDeny()).as("only ever allows").isFalse();

    admin(WEB_EGRESS + "[" + rule("Pass", "'to':[{'nodes':{}}]") + "]");
    table.committed();
    node("n3", "any", IpAddress.parse("192.0.2.9"));
    assertThat(table.mayDeny()).as("the next tier may deny").isTrue();
  }

  @Test
  void anyNumberOfTiersMayPassOn() throws Exception {
    for (int i = 0; i < 40; i++) {
      feed(new ClusterChange.TierSeen(new Tier("t" + i, i, Tier.End.PASS)));
      feed(new ClusterChange.PolicySeen(ofTier(i, Action.PASS)));
    }
    assertThat(webToDb()).isTrue();
    feed(new ClusterChange.PolicySeen(ofTier(39, Action.DENY)));
    assertThat(webToDb()).as("the last one is asked").isFalse();
    feed(new ClusterChange.PolicySeen(ofTier(20, Action.ALLOW)));
    assertThat(webToDb()).as("but not behind one that decides").isTrue();
  }

  private static Policy ofTier(int tier, Action action) {
    return new Policy(
        new PolicyId(PolicyId.Kind.CALICO_GLOBAL, "", "p" + tier),
        "t" + tier,
        1,
        new PodQuery(new NamespaceScope.Matching(Selector.ALL), Selector.ALL),
        Set.of(Direction.INGRESS),
        List.of(),
        List.of(new PolicyRule(action, List.of())),
        List.of());
  }

  private static PolicyId id(String name) {
    return new PolicyId(PolicyId.Kind.CLUSTER_NETWORK_POLICY, "", name);
  }

  /** The whole table as a script. */
  private String text() {
    return TableDiff.rebuild(Skeleton.TABLE, table.image()).toString();
  }
}
