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

class NetworkPoliciesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** JSON with single quotes, as a spec of policy {@code shop/p}. */
  private static Policy policy(String spec) throws Exception {
    String text = "{'metadata':{'namespace':'shop','name':'p'},'spec':" + spec + "}";
    return NetworkPolicies.decode(JSON.readTree(text.replace('\'', '"')));
  }

  @ParameterizedTest(name = "{0} means {1}")
  @MethodSource
  void defaultsPolicyTypesAsTheApiServerDoes(String spec, String directions) throws Exception {
    assertThat(policy(spec).directions().stream().map(Direction::text).sorted().toList())
        .hasToString(directions);
  }

  static Stream<Arguments> defaultsPolicyTypesAsTheApiServerDoes() {
    return Stream.of(
        Arguments.of("{'podSelector':{}}", "[ingress]"),
        Arguments.of("{'podSelector':{},'egress':[]}", "[ingress]"),
        Arguments.of("{'podSelector':{},'egress':[{}]}", "[egress, ingress]"),
        Arguments.of("{'podSelector':{},'ingress':[{}],'egress':[{}]}", "[egress, ingress]"),
        Arguments.of("{'podSelector':{},'policyTypes':[],'egress':[{}]}", "[egress, ingress]"),
        Arguments.of("{'podSelector':{},'policyTypes':null,'egress':null}", "[ingress]"),
        Arguments.of("{'podSelector':{},'policyTypes':['Egress'],'ingress':[{}]}", "[egress]"),
        Arguments.of("{'podSelector':{},'policyTypes':['Ingress'],'egress':[{}]}", "[ingress]"),
        Arguments.of("{}", "[ingress]"));
  }

  @ParameterizedTest(name = "port {0} means {1}")
  @MethodSource
  void readsPorts(String port, String meaning) throws Exception {
    Policy policy = policy("{'ingress':[{'ports':[" + port + "]}]}");
    assertThat(policy.ingress().getFirst().all())
        .singleElement()
        .satisfies(condition -> assertThat(condition.any()).hasToString("[" + meaning + "]"));
    assertThat(policy.problems()).isEmpty();
  }

  static Stream<Arguments> readsPorts() {
    return Stream.of(
        Arguments.of("{}", "Whole[protocol=Protocol[number=6]]"),
        Arguments.of("{'protocol':'UDP'}", "Whole[protocol=Protocol[number=17]]"),
        Arguments.of(
            "{'port':80}", "Port[end=DESTINATION, protocol=Protocol[number=6], from=80, to=80]"),
        Arguments.of(
            "{'port':80,'endPort':90,'protocol':'SCTP'}",
            "Port[end=DESTINATION, protocol=Protocol[number=132], from=80, to=90]"),
        Arguments.of(
            "{'port':'web'}", "NamedPort[end=DESTINATION, protocol=Protocol[number=6], name=web]"),
        Arguments.of("{'port':null,'protocol':null}", "Whole[protocol=Protocol[number=6]]"));
  }

  @ParameterizedTest(name = "{0} is reported: {1}")
  @MethodSource
  void allowsNothingByWhatItDoesNotUnderstand(String rule, String problem) throws Exception {
    Policy policy = policy("{'ingress':[" + rule + "]}");
    assertThat(policy.problems()).singleElement().asString().contains(problem);
    PolicyRule read = policy.ingress().getFirst();
    assertThat(read.all()).singleElement().isEqualTo(Condition.anyOf(List.of()));
    assertThat(policy.directions()).containsExactly(Direction.INGRESS);
  }

  static Stream<Arguments> allowsNothingByWhatItDoesNotUnderstand() {
    return Stream.of(
        Arguments.of("{'from':[{}]}", "spec.ingress[0].from[0]: a peer has either"),
        Arguments.of("{'from':[{'planet':'mars'}]}", "a peer has either"),
        Arguments.of(
            "{'from':[{'ipBlock':{'cidr':'10.0.0.0/8'},'podSelector':{}}]}", "a peer has either"),
        Arguments.of("{'from':[{'ipBlock':{'cidr':'10.0.0/8'}}]}", "from[0]"),
        Arguments.of("{'from':[{'ipBlock':{'cidr':'10.0.0.0/8','except':['x']}}]}", "from[0]"),
        Arguments.of(
            "{'from':[{'podSelector':{'matchExpressions':[{'key':'a','operator':'Gt','values':['1']}]}}]}",
            "label expression"),
        Arguments.of(
            "{'from':[{'podSelector':{'matchExpressions':[{'key':'a','operator':'In'}]}}]}",
            "In and NotIn need values"),
        Arguments.of("{'ports':[{'protocol':'ICMP'}]}", "ports[0]: protocol 'ICMP'"),
        Arguments.of("{'ports':[{'port':70000}]}", "within 0 to 65535"),
        Arguments.of("{'ports':[{'port':0}]}", "use 1 to 65535"),
        Arguments.of("{'ports':[{'port':90,'endPort':80}]}", "a range goes up"),
        Arguments.of("{'ports':[{'endPort':80}]}", "endPort needs a numeric port"),
        Arguments.of("{'ports':[{'port':'web','endPort':80}]}", "no endPort"));
  }

  @Test
  void scopesPeersByWhatIsWritten() throws Exception {
    Policy policy =
        policy(
            "{'ingress':[{'from':[{'podSelector':{'matchLabels':{'app':'web'}}},"
                + "{'namespaceSelector':{}},{'namespaceSelector':{'matchLabels':{'team':'a'}},"
                + "'podSelector':{'matchExpressions':[{'key':'x','operator':'NotIn','values':['2','1']},"
                + "{'key':'y','operator':'DoesNotExist'},{'key':'z','operator':'Exists'}]}}]}]}");
    assertThat(
            policy.ingress().getFirst().all().getFirst().any().stream()
                .map(peer -> ((Match.Selected) peer).query().text())
                .toList())
        .containsExactly(
            "shop: app == 'web'",
            "(all()): all()",
            "(team == 'a'): !has(y) && has(z) && x not in {'1', '2'}");
  }

  @Test
  void refusesAnObjectThatDoesNotSayWhomItIsAbout() {
    assertThatThrownBy(() ->
            policy(
                "{'podSelector':{'matchExpressions':[{'key':'a','operator':'Near','values':['1']}]}}"))
        .isInstanceOf(NotUnderstoodException.class);
  }
}
