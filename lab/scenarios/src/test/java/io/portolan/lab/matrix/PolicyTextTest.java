package io.portolan.lab.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.portolan.common.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class PolicyTextTest {
  private static final Workload WEB = pod("shop", "web", "10.0.0.1", Map.of("app", "web"));
  private static final Workload API = pod("shop", "api", "10.0.0.2", Map.of("app", "api"));
  private static final Workload OPS = pod("ops", "prom", "10.0.1.3", Map.of("app", "prom"));
  private static final List<Workload> PODS = List.of(WEB, API, OPS);

  @Test
  void withoutPoliciesEverythingIsAllowed() throws Exception {
    assertThat(allowed()).isEqualTo("web>api web>prom api>web api>prom prom>web prom>api");
  }

  @Test
  void anEmptyIngressListIsolatesOneDirectionOnly() throws Exception {
    assertThat(allowed("{podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress]}"))
        .isEqualTo("web>prom api>web api>prom prom>web");
  }

  @Test
  void egressIsATypeOfItsOwnWhenTypesAreLeftOut() throws Exception {
    assertThat(allowed("{podSelector: {}, ingress: [{}], egress: [{to: [{podSelector: {}}]}]}"))
        .isEqualTo("web>api api>web prom>web prom>api");
  }

  @Test
  void aPeerItemAndsItsSelectorsWhileItemsAreAlternatives() throws Exception {
    assertThat(
            allowed(
                "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{namespaceSelector:"
                    + " {matchLabels: {kubernetes.io/metadata.name: ops}}, podSelector:"
                    + " {matchLabels: {app: web}}}]}]}"))
        .isEqualTo("web>prom api>web api>prom prom>web");
    assertThat(
            allowed(
                "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{namespaceSelector:"
                    + " {matchLabels: {kubernetes.io/metadata.name: ops}}}, {podSelector:"
                    + " {matchLabels: {app: web}}}]}]}"))
        .isEqualTo("web>api web>prom api>web api>prom prom>web prom>api");
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

  private static String allowed(String... specs) throws JsonProcessingException {
    List<JsonNode> policies = new ArrayList<>();
    for (String spec : specs) {
      policies.add(new YAMLMapper().readTree("{metadata: {namespace: shop}, spec: " + spec + "}"));
    }
    PolicyText text =
        new PolicyText(
            policies,
            Map.of(
                "shop", Map.of("kubernetes.io/metadata.name", "shop"),
                "ops", Map.of("kubernetes.io/metadata.name", "ops")));
    return PODS.stream()
        .flatMap(from ->
            PODS.stream()
                .filter(to -> !to.equals(from) && text.allows(from, to, 8080))
                .map(to -> from.name() + ">" + to.name()))
        .collect(Collectors.joining(" "));
  }

  private static Workload pod(
      String namespace, String name, String address, Map<String, String> labels) {
    return new Workload(
        namespace, name, "node-1", labels, List.of(IpAddress.parse(address)), Map.of("http", 8080));
  }
}
