package io.portolan.sim.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.sim.policy.Connection.End;
import io.portolan.sim.policy.PolicyText.Direction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class PolicyTextTest {
  private static final Named API = pod("shop", "api", "10.0.0.2");
  private static final Named PROM = pod("ops", "prom", "10.0.1.3");
  private static final Named WEB = pod("shop", "web", "10.0.0.1");
  private static final List<Named> PODS = List.of(API, PROM, WEB);

  private record Named(String name, End end) {}

  @Test
  void withoutPoliciesEverythingIsAllowed() throws Exception {
    assertThat(allowed()).isEqualTo("api>prom api>web prom>api prom>web web>api web>prom");
  }

  @Test
  void anEmptyIngressListIsolatesOneDirectionOnly() throws Exception {
    assertThat(allowed("{podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress]}"))
        .isEqualTo("api>prom api>web prom>web web>prom");
  }

  @Test
  void egressIsATypeOfItsOwnWhenTypesAreLeftOut() throws Exception {
    assertThat(allowed("{podSelector: {}, ingress: [{}], egress: [{to: [{podSelector: {}}]}]}"))
        .isEqualTo("api>web prom>api prom>web web>api");
  }

  @Test
  void aPeerItemAndsItsSelectorsWhileItemsAreAlternatives() throws Exception {
    assertThat(
            allowed(
                "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{namespaceSelector:"
                    + " {matchLabels: {kubernetes.io/metadata.name: ops}}, podSelector:"
                    + " {matchLabels: {app: web}}}]}]}"))
        .isEqualTo("api>prom api>web prom>web web>prom");
    assertThat(
            allowed(
                "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{namespaceSelector:"
                    + " {matchLabels: {kubernetes.io/metadata.name: ops}}}, {podSelector:"
                    + " {matchLabels: {app: web}}}]}]}"))
        .isEqualTo("api>prom api>web prom>api prom>web web>api web>prom");
  }

  @Test
  void portsMatchByNumberNameAndRange() throws Exception {
    String rule = "{podSelector: {matchLabels: {app: api}}, ingress: [{ports: [%s]}]}";
    assertThat(allowed(rule.formatted("{port: 8080}"))).contains("web>api");
    assertThat(allowed(rule.formatted("{port: http}"))).contains("web>api");
    assertThat(allowed(rule.formatted("{port: 8000, endPort: 8080}"))).contains("web>api");
    assertThat(allowed(rule.formatted("{port: 8081}"))).doesNotContain("web>api");
    assertThat(allowed(rule.formatted("{port: metrics}"))).doesNotContain("web>api");
    assertThat(allowed(rule.formatted("{port: 8080, protocol: UDP}"))).doesNotContain("web>api");
  }

  @Test
  void anExceptionTakesAddressesOutOfItsOwnBlockOnly() throws Exception {
    assertThat(
            allowed(
                "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{ipBlock: {cidr:"
                    + " 10.0.0.0/16, except: [10.0.1.0/24]}}]}]}"))
        .contains("web>api")
        .doesNotContain("prom>api");
  }

  @Test
  void whatIsNoPodIsMetByBlocksOnly() throws Exception {
    End outside = End.outside(IpAddress.parse("192.0.2.1"));
    End api = API.end();
    PolicyText open =
        text("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/24}}]}]}");
    PolicyText closed =
        text(
            "{podSelector: {}, policyTypes: [Ingress, Egress],"
                + " ingress: [{from: [{podSelector: {}, namespaceSelector: {}}]}]}");

    assertThat(open.allows(new Connection(outside, api, Connection.UDP, 53))).isTrue();
    assertThat(open.allows(new Connection(api, outside, Connection.UDP, 53))).isTrue();
    assertThat(closed.allows(new Connection(outside, api, Connection.TCP, 80))).isFalse();
    assertThat(closed.allows(new Connection(api, outside, Connection.TCP, 80))).isFalse();
    assertThat(closed.allows(Direction.INGRESS, new Connection(api, outside, Connection.TCP, 80)))
        .isTrue();
  }

  @Test
  void emptyTypesAreTypesLeftOut() throws Exception {
    assertThat(allowed("{podSelector: {matchLabels: {app: api}}, policyTypes: []}"))
        .isEqualTo("api>prom api>web prom>web web>prom");
  }

  private static PolicyText text(String... specs) throws JsonProcessingException {
    List<JsonNode> policies = new ArrayList<>();
    for (String spec : specs) {
      policies.add(new YAMLMapper().readTree("{metadata: {namespace: shop}, spec: " + spec + "}"));
    }
    return new PolicyText(
        policies,
        Map.of(
            "shop", Map.of("kubernetes.io/metadata.name", "shop"),
            "ops", Map.of("kubernetes.io/metadata.name", "ops")));
  }

  private static String allowed(String... specs) throws JsonProcessingException {
    PolicyText text = text(specs);
    return PODS.stream()
        .flatMap(from ->
            PODS.stream()
                .filter(to -> !to.equals(from))
                .filter(
                    to -> text.allows(new Connection(from.end(), to.end(), Connection.TCP, 8080)))
                .map(to -> from.name() + ">" + to.name()))
        .collect(Collectors.joining(" "));
  }

  private static Named pod(String namespace, String app, String address) {
    return new Named(
        app,
        End.of(
            new Connection.Pod(
                namespace,
                Map.of("app", app),
                List.of(new Connection.NamedPort("http", Connection.TCP, 8080))),
            List.of(IpAddress.parse(address))));
  }
}
