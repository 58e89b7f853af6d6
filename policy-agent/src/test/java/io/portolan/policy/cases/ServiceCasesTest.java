package io.portolan.policy.cases;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Calico's {@code services} in rules, asked with the manifests a person has. */
class ServiceCasesTest {
  private static final String PODS =
      """
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"shop"},"status":{"podIP":"10.0.0.1"}},
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"db","namespace":"shop","labels":{"app":"db","role":"main"}},
       "spec":{"containers":[{"ports":[{"name":"sql","containerPort":5432}]}]},
       "status":{"podIPs":[{"ip":"10.0.0.2"},{"ip":"fd00::2"}]}},
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"spare","namespace":"shop","labels":{"app":"db"}},
       "spec":{"containers":[{"ports":[{"name":"sql","containerPort":5433}]}]},"status":{"podIP":"10.0.0.3"}},
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"done","namespace":"shop","labels":{"app":"db"}},
       "status":{"phase":"Succeeded","podIP":"10.0.0.4"}},
      {"apiVersion":"projectcalico.org/v3","kind":"NetworkPolicy","metadata":{"name":"web","namespace":"shop"},
       "spec":{"types":["Egress"],"egress":[{"action":"Allow","destination":{"services":{"name":"db"}}}]}}
      """;
  private static final String SERVICE =
      """
      ,{"apiVersion":"v1","kind":"Service","metadata":{"name":"db","namespace":"shop"},
       "spec":{"selector":{"app":"db"},"ports":[{"name":"sql","port":3306,"targetPort":"sql"},{"port":9187}]}}
      """;
  private static final String SLICE =
      """
      ,{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
       "metadata":{"name":"db-x","namespace":"shop","labels":{"kubernetes.io/service-name":"db"}},
       "endpoints":[{"addresses":["10.0.0.3"],"conditions":{"ready":false}},{"addresses":["192.0.2.1"]}],
       "ports":[{"port":5433,"protocol":"TCP"}]}
      """;
  private static final String PROBES =
      """
      {"from":"shop/web","to":"shop/db","protocol":"TCP","port":5432},
      {"from":"shop/web","to":"shop/db","protocol":"TCP","port":3306},
      {"from":"shop/web","to":"shop/db","protocol":"TCP","port":9187},
      {"from":"shop/web","to":"shop/db","protocol":"UDP","port":9187},
      {"from":"shop/web","to":"shop/spare","protocol":"TCP","port":5432},
      {"from":"shop/web","to":"shop/spare","protocol":"TCP","port":5433},
      {"from":"shop/web","to":"ip:10.0.0.4","protocol":"TCP","port":9187},
      {"from":"shop/web","to":"ip:192.0.2.1","protocol":"TCP","port":5433},
      {"from":"shop/web","to":"ip:192.0.2.1","protocol":"ICMP"}
      """;

  private static List<String> allowed(String objects) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PolicyCases.answerCases(
        new ByteArrayInputStream(
            ("{\"id\":\"a\",\"objects\":[" + objects + "],\"probes\":[" + PROBES + "]}")
                .replace("\n", "")
                .getBytes(StandardCharsets.UTF_8)),
        out,
        _ -> {});
    List<String> allowed = new ArrayList<>();
    for (String line : out.toString(StandardCharsets.UTF_8).lines().toList()) {
      assertThat(line).doesNotContain("error");
      if (line.contains("\"egress\":\"allow\"")) {
        allowed.add(line.replaceAll(".*\"to\":\"(.*?)\".*\"port\":(\\d+).*", "$1 $2"));
      }
    }
    return allowed;
  }

  @Test
  void aServiceHasTheEndpointsThatItsPodsWouldMake() throws IOException {
    assertThat(allowed(PODS + SERVICE))
        .containsExactly("shop/db 5432", "shop/db 9187", "shop/spare 5433");
  }

  @Test
  void slicesThatAreThereAreTaken() throws IOException {
    assertThat(allowed(PODS + SLICE)).containsExactly("shop/spare 5433", "ip:192.0.2.1 5433");
    assertThat(allowed(PODS + SERVICE + SLICE))
        .containsExactly("shop/spare 5433", "ip:192.0.2.1 5433");
  }

  @Test
  void aServiceThatIsNotThereHasNone() throws IOException {
    assertThat(allowed(PODS)).isEmpty();
  }
}
