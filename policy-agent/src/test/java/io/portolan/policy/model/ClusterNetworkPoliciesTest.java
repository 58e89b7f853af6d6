package io.portolan.policy.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ClusterNetworkPoliciesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PLACE = "'tier':'Admin','priority':7,'subject':{'namespaces':{}}";
  private static final String ALL_PODS = "'to':[{'namespaces':{}}]";

  /** JSON with single quotes, as a spec of policy {@code p}. */
  private static Policy policy(String spec) throws Exception {
    String text = "{'metadata':{'name':'p'},'spec':{" + spec + "}}";
    return ClusterNetworkPolicies.decode(JSON.readTree(text.replace('\'', '"')));
  }

  private static Policy egress(String rule) throws Exception {
    return policy(PLACE + ",'egress':[{" + rule + "}]");
  }

  @Test
  void standsInItsTierByPriorityInDirectionsThatHaveRules() throws Exception {
    Policy admin = policy(PLACE + ",'ingress':[{'action':'Deny','from':[{'namespaces':{}}]}]");
    assertThat(admin.id()).hasToString("cnp/p");
    assertThat(admin.tier()).isEqualTo("kube-admin");
    assertThat(admin.order()).isEqualTo(7);
    assertThat(admin.directions()).containsExactly(Direction.INGRESS);
    assertThat(admin.problems()).isEmpty();

    Policy baseline =
        policy(
            "'tier':'Baseline','priority':1000,'subject':{'pods':{'namespaceSelector':"
                + "{'matchLabels':{'team':'a'}},'podSelector':{'matchLabels':{'app':'web'}}}},"
                + "'ingress':[],'egress':null");
    assertThat(baseline.tier()).isEqualTo("kube-baseline");
    assertThat(baseline.order()).isEqualTo(1000);
    assertThat(baseline.subject().text()).isEqualTo("(team == 'a'): app == 'web'");
    assertThat(baseline.directions()).isEmpty();
  }

  @ParameterizedTest(name = "{0} is {1}")
  @MethodSource
  void readsActions(String action, Action read) throws Exception {
    assertThat(egress("'action':'" + action + "'," + ALL_PODS).egress())
        .singleElement()
        .extracting(PolicyRule::action)
        .isEqualTo(read);
  }

  static Stream<Arguments> readsActions() {
    return Stream.of(
        Arguments.of("Accept", Action.ALLOW),
        Arguments.of("Deny", Action.DENY),
        Arguments.of("Pass", Action.PASS));
  }

  @ParameterizedTest(name = "peer {0} means {1}")
  @MethodSource
  void readsPeers(String peer, String meaning) throws Exception {
    Policy policy = egress("'action':'Accept','to':[" + peer + "]");
    assertThat(policy.problems()).isEmpty();
    assertThat(policy.egress().getFirst().all())
        .singleElement()
        .satisfies(condition -> assertThat(condition.any()).hasToString("[" + meaning + "]"));
  }

  static Stream<Arguments> readsPeers() {
    return Stream.of(
        Arguments.of(
            "{'namespaces':{'matchLabels':{'team':'a'}}}",
            "Selected[end=DESTINATION, query=PodQuery[namespaces=Matching[selector=In[key=team,"
                + " values=[a]]], pods=All[], view=OWN]]"),
        Arguments.of(
            "{'pods':{'namespaceSelector':{},'podSelector':{'matchLabels':{'app':'x'}}}}",
            "Selected[end=DESTINATION, query=PodQuery[namespaces=Matching[selector=All[]],"
                + " pods=In[key=app, values=[x]], view=OWN]]"),
        Arguments.of(
            "{'nodes':{'matchExpressions':[{'key':'control','operator':'Exists'}]}}",
            "Nodes[end=DESTINATION, labels=Has[key=control]]"),
        Arguments.of(
            "{'networks':['10.1.2.3/8','fd00::/16']}",
            "Block[end=DESTINATION, cidr=10.0.0.0/8, except=[]], Block[end=DESTINATION,"
                + " cidr=fd00::/16, except=[]]"),
        Arguments.of(
            "{'domainNames':['*.Example.org.','kubernetes.io']}",
            "Domains[end=DESTINATION, names=[*.example.org, kubernetes.io]]"),
        // A null is no field.
        Arguments.of("{'namespaces':null,'nodes':{}}", "Nodes[end=DESTINATION, labels=All[]]"));
  }

  @ParameterizedTest(name = "protocol {0} means {1}")
  @MethodSource
  void readsProtocols(String protocol, String meaning) throws Exception {
    Policy policy = egress("'action':'Deny'," + ALL_PODS + ",'protocols':[" + protocol + "]");
    assertThat(policy.problems()).isEmpty();
    assertThat(policy.egress().getFirst().all().get(1).any()).hasToString("[" + meaning + "]");
  }

  static Stream<Arguments> readsProtocols() {
    return Stream.of(
        Arguments.of(
            "{'tcp':{'destinationPort':{'number':80}}}",
            "Port[end=DESTINATION, protocol=Protocol[number=6], from=80, to=80]"),
        Arguments.of(
            "{'udp':{'destinationPort':{'range':{'start':53,'end':54}}}}",
            "Port[end=DESTINATION, protocol=Protocol[number=17], from=53, to=54]"),
        Arguments.of(
            "{'sctp':{'destinationPort':{'number':65535}}}",
            "Port[end=DESTINATION, protocol=Protocol[number=132], from=65535, to=65535]"),
        Arguments.of(
            "{'destinationNamedPort':'web'}",
            "NamedPort[end=DESTINATION, protocol=Protocol[number=6], name=web],"
                + " NamedPort[end=DESTINATION, protocol=Protocol[number=17], name=web],"
                + " NamedPort[end=DESTINATION, protocol=Protocol[number=132], name=web]"));
  }

  @ParameterizedTest(name = "{0} is reported: {1}")
  @MethodSource
  void failsClosedOnWhatItDoesNotUnderstand(String rest, String problem) throws Exception {
    PolicyRule nothing = new PolicyRule(Action.ALLOW, List.of(Condition.anyOf(List.of())));
    PolicyRule everything = new PolicyRule(Action.DENY, List.of());
    for (String action : List.of("Accept", "Deny", "Pass")) {
      Policy policy = egress("'action':'" + action + "'," + rest);
      assertThat(policy.problems()).singleElement().asString().startsWith(problem);
      assertThat(policy.egress()).containsExactly(action.equals("Accept") ? nothing : everything);
      assertThat(policy.directions()).containsExactly(Direction.EGRESS);
    }
  }

  static Stream<Arguments> failsClosedOnWhatItDoesNotUnderstand() {
    String protocols = ALL_PODS + ",'protocols':";
    return Stream.of(
        Arguments.of("'to':[{}]", "spec.egress[0].to[0]: set exactly one of"),
        Arguments.of("'to':[{'planets':{}}]", "spec.egress[0].to[0]: set exactly one of"),
        Arguments.of(
            "'to':[{'namespaces':{}},{'planets':{}}]", "spec.egress[0].to[1]: set exactly one of"),
        Arguments.of(
            "'to':[{'namespaces':{},'planets':{}}]", "spec.egress[0].to[0]: set exactly one of"),
        Arguments.of("'to':[]", "spec.egress[0].to: name at least one peer"),
        Arguments.of("'name':'no-peers'", "spec.egress[0].to: name at least one peer"),
        Arguments.of("'to':[{'networks':[]}]", "spec.egress[0].to[0].networks: name at least"),
        Arguments.of("'to':[{'networks':['10.0.0/8']}]", "spec.egress[0].to[0].networks: "),
        Arguments.of("'to':[{'domainNames':['*']}]", "spec.egress[0].to[0].domainNames: "),
        Arguments.of("'to':[{'domainNames':['a.*.org']}]", "spec.egress[0].to[0].domainNames: "),
        Arguments.of(
            "'to':[{'nodes':{'matchExpressions':[{'key':'a','operator':'Near'}]}}]",
            "spec.egress[0].to[0].nodes: label operator 'Near'"),
        Arguments.of(protocols + "[{}]", "spec.egress[0].protocols[0]: set exactly one of"),
        Arguments.of(protocols + "[{'icmp':{}}]", "spec.egress[0].protocols[0]: set exactly"),
        Arguments.of(protocols + "[{'tcp':{}}]", "spec.egress[0].protocols[0].tcp: set exactly"),
        Arguments.of(
            protocols + "[{'tcp':{'destinationPort':{'number':80},'sourcePort':{'number':1}}}]",
            "spec.egress[0].protocols[0].tcp: set exactly"),
        Arguments.of(
            protocols + "[{'tcp':{'destinationPort':{'number':0}}}]",
            "spec.egress[0].protocols[0].tcp.destinationPort {\"number\":0}: use 1 to 65535"),
        Arguments.of(
            protocols + "[{'tcp':{'destinationPort':{'number':70000}}}]",
            "spec.egress[0].protocols[0].tcp.destinationPort"),
        Arguments.of(
            protocols + "[{'tcp':{'destinationPort':{'range':{'start':90,'end':80}}}}]",
            "spec.egress[0].protocols[0].tcp.destinationPort"),
        Arguments.of(
            protocols + "[{'destinationNamedPort':''}]",
            "spec.egress[0].protocols[0].destinationNamedPort: give a name"));
  }

  @Test
  void domainNamesAreForAcceptingRulesOnly() throws Exception {
    for (String action : List.of("Deny", "Pass")) {
      Policy policy = egress("'action':'" + action + "','to':[{'domainNames':['a.org']}]");
      assertThat(policy.problems())
          .containsExactly(
              "spec.egress[0].to[0].domainNames: domain names are for rules that accept");
      assertThat(policy.egress()).containsExactly(new PolicyRule(Action.DENY, List.of()));
    }
  }

  @Test
  void sourcesOutsideTheClusterCannotBeNamed() throws Exception {
    for (String peer :
        List.of("'networks':['0.0.0.0/0']", "'nodes':{}", "'domainNames':['a.org']")) {
      Policy policy = policy(PLACE + ",'ingress':[{'action':'Pass','from':[{" + peer + "}]}]");
      assertThat(policy.problems())
          .singleElement()
          .asString()
          .startsWith("spec.ingress[0].from[0]");
      assertThat(policy.ingress()).containsExactly(new PolicyRule(Action.DENY, List.of()));
    }
  }

  @Test
  void anUnknownActionDeniesEverything() throws Exception {
    Policy policy = egress("'action':'Mirror'," + ALL_PODS);
    assertThat(policy.problems())
        .containsExactly("spec.egress[0].action 'Mirror': use Accept, Deny or Pass");
    assertThat(policy.egress()).containsExactly(new PolicyRule(Action.DENY, List.of()));
  }

  @ParameterizedTest
  @MethodSource
  void refusesAnObjectThatDoesNotSayWhereItStandsAndWhomItIsAbout(String spec) {
    assertThatThrownBy(() -> policy(spec)).isInstanceOf(NotUnderstoodException.class);
  }

  static Stream<String> refusesAnObjectThatDoesNotSayWhereItStandsAndWhomItIsAbout() {
    return Stream.of(
        "'tier':'Middle','priority':1,'subject':{'namespaces':{}}",
        "'tier':'Admin','subject':{'namespaces':{}}",
        "'tier':'Admin','priority':'1','subject':{'namespaces':{}}",
        "'tier':'Admin','priority':1",
        "'tier':'Admin','priority':1,'subject':{'hosts':{}}",
        "'tier':'Admin','priority':1,'subject':{'namespaces':{},'pods':{}}");
  }

  @ParameterizedTest(name = "{0} matches {1}: {2}")
  @MethodSource
  void wildcardsStandForWholeLabels(String pattern, String name, boolean matches) {
    assertThat(DomainPattern.parse(pattern).matches(DomainPattern.canonical(name)))
        .isEqualTo(matches);
  }

  static Stream<Arguments> wildcardsStandForWholeLabels() {
    return Stream.of(
        Arguments.of("kubernetes.io", "kubernetes.io", true),
        Arguments.of("Kubernetes.IO.", "kubernetes.io", true),
        Arguments.of("kubernetes.io", "KUBERNETES.io.", true),
        Arguments.of("kubernetes.io", "www.kubernetes.io", false),
        Arguments.of("kubernetes.io", "my-kubernetes.io", false),
        Arguments.of("*.kubernetes.io", "www.kubernetes.io", true),
        Arguments.of("*.kubernetes.io", "latest.blog.kubernetes.io", true),
        Arguments.of("*.kubernetes.io", "kubernetes.io", false),
        Arguments.of("*.kubernetes.io", ".kubernetes.io", false),
        Arguments.of("*.kubernetes.io", "my-kubernetes.io", false));
  }
}
