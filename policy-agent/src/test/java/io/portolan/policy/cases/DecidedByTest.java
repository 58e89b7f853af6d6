package io.portolan.policy.cases;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which of several tiers, policies and rules is named as the one that decided. */
class DecidedByTest {
  private static final String OBJECTS =
      """
      {"apiVersion":"v1","kind":"Node","metadata":{"name":"n2","labels":{"role":"edge"}},"status":{"addresses":[
       {"type":"Hostname","address":"n2"},{"type":"InternalIP","address":"192.168.0.2"},
       {"type":"ExternalIP","address":"203.0.113.2"},{"type":"InternalDNS","address":"n2.local"}]}},
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","labels":{"app":"web"}},"status":{"podIP":"10.0.0.1"}},
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"db"},"status":{"podIP":"10.0.0.2"}},
      {"apiVersion":"projectcalico.org/v3","kind":"Tier","metadata":{"name":"first"},"spec":{"order":1,"defaultAction":"Pass"}},
      {"apiVersion":"projectcalico.org/v3","kind":"Tier","metadata":{"name":"last"},"spec":{"order":2000000}},
      {"apiVersion":"projectcalico.org/v3","kind":"GlobalNetworkPolicy","metadata":{"name":"quarantine"},
       "spec":{"tier":"first","order":1,"selector":"app == 'web'","types":["Egress"],
       "egress":[{"action":"Log"},{"action":"Deny","protocol":"TCP","destination":{"ports":[25]}}]}},
      {"apiVersion":"projectcalico.org/v3","kind":"GlobalNetworkPolicy","metadata":{"name":"passes"},
       "spec":{"tier":"first","order":2,"selector":"app == 'web'","types":["Egress"],
       "egress":[{"action":"Allow","protocol":"TCP","destination":{"ports":[26]}},{"action":"Pass"}]}},
      {"apiVersion":"policy.networking.k8s.io/v1alpha2","kind":"ClusterNetworkPolicy","metadata":{"name":"edges"},
       "spec":{"tier":"Admin","priority":1,"subject":{"namespaces":{}},
       "egress":[{"action":"Accept","to":[{"nodes":{"matchLabels":{"role":"edge"}}}]},
        {"action":"Pass","to":[{"namespaces":{}}]},
        {"action":"Deny","to":[{"networks":["198.51.100.0/24"]}]}]}},
      {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"web"},
       "spec":{"podSelector":{"matchLabels":{"app":"web"}},"policyTypes":["Egress"],"egress":[{"ports":[{"port":80}]}]}},
      {"apiVersion":"projectcalico.org/v3","kind":"NetworkPolicy","metadata":{"name":"passes-on"},
       "spec":{"order":2000,"types":["Egress"],"egress":[{"action":"Pass","protocol":"TCP","destination":{"ports":[81,82]}}]}},
      {"apiVersion":"projectcalico.org/v3","kind":"NetworkPolicy","metadata":{"name":"end"},
       "spec":{"tier":"last","types":["Egress"],"egress":[{"action":"Allow","protocol":"TCP","destination":{"ports":[81]}}]}}
      """;

  private static String probe(String to, int port) {
    return "{\"from\":\"default/web\",\"to\":\"%s\",\"protocol\":\"TCP\",\"port\":%d}"
        .formatted(to, port);
  }

  @Test
  void theTierAndRuleThatDecidedAreNamed() throws IOException {
    String probes =
        Stream.of(
                probe("default/db", 25),
                probe("default/db", 26),
                probe("default/db", 80),
                probe("default/db", 81),
                probe("default/db", 82),
                probe("default/db", 83),
                probe("ip:198.51.100.7", 80),
                probe("ip:192.168.0.2", 83),
                probe("ip:203.0.113.2", 83))
            .collect(Collectors.joining(","));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PolicyCases.answerCases(
        new ByteArrayInputStream(
            ("{\"id\":\"a\",\"objects\":[" + OBJECTS + "],\"probes\":[" + probes + "]}")
                .replace("\n", "")
                .getBytes(StandardCharsets.UTF_8)),
        out,
        _ -> {});
    assertThat(
            out.toString(StandardCharsets.UTF_8)
                .replaceAll("(?m)^.*\"to\":(.*?),\"protocol.*\"port\":", "$1 ")
                .replaceAll(",\"ingress\":\"[a-z-]+\",\"verdict\":\"[a-z]+\",\"decidedBy\":", " ")
                .replaceAll(",\"ingress\":(null|\\{[^}]*})}}", "}"))
        .isEqualTo(
            """
            "default/db" 25,"egress":"deny" {"egress":{"tier":"first","policy":"gnp/quarantine","rule":1}}
            "default/db" 26,"egress":"allow" {"egress":{"tier":"first","policy":"gnp/passes","rule":0}}
            "default/db" 80,"egress":"allow" {"egress":{"tier":"default","policy":"np/default/web","rule":0}}
            "default/db" 81,"egress":"allow" {"egress":{"tier":"last","policy":"calico/default/end","rule":0}}
            "default/db" 82,"egress":"deny" {"egress":{"tier":"last","default":"end of tier"}}
            "default/db" 83,"egress":"deny" {"egress":{"tier":"default","default":"end of tier"}}
            "ip:198.51.100.7" 80,"egress":"deny" {"egress":{"tier":"kube-admin","policy":"cnp/edges","rule":2}}
            "ip:192.168.0.2" 83,"egress":"allow" {"egress":{"tier":"kube-admin","policy":"cnp/edges","rule":0}}
            "ip:203.0.113.2" 83,"egress":"allow" {"egress":{"tier":"kube-admin","policy":"cnp/edges","rule":0}}
            """);
  }
}
