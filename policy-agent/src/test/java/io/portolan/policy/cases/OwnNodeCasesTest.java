package io.portolan.policy.cases;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a pod opens to its own node, and what the node opens to its pods, beside other nodes. */
class OwnNodeCasesTest {
  private static final String OBJECTS =
      """
      {"apiVersion":"v1","kind":"Node","metadata":{"name":"n1"},"status":{"addresses":[{"type":"InternalIP","address":"192.168.0.1"}]}},
      {"apiVersion":"v1","kind":"Node","metadata":{"name":"n2"},"status":{"addresses":[{"type":"InternalIP","address":"192.168.0.2"}]}},
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","labels":{"app":"web"}},"spec":{"nodeName":"n1"},"status":{"podIP":"10.0.0.1"}},
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"agent"},"spec":{"nodeName":"n1","hostNetwork":true},"status":{"podIP":"192.168.0.1"}},
      {"apiVersion":"policy.networking.k8s.io/v1alpha2","kind":"ClusterNetworkPolicy","metadata":{"name":"guard"},
       "spec":{"tier":"Admin","priority":1,"subject":{"namespaces":{}},
       "ingress":[{"action":"Deny","from":[{"namespaces":{}}]}],
       "egress":[{"action":"Deny","to":[{"networks":["192.168.0.0/24"]}],
        "protocols":[{"tcp":{"destinationPort":{"number":22}}}]}]}},
      {"apiVersion":"projectcalico.org/v3","kind":"GlobalNetworkPolicy","metadata":{"name":"dns"},
       "spec":{"order":1,"selector":"app == 'web'","types":["Egress"],
       "egress":[{"action":"Allow","protocol":"TCP","destination":{"ports":[53]}}]}},
      {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"closed"},
       "spec":{"podSelector":{},"policyTypes":["Ingress","Egress"]}}
      """;

  private static String probe(String from, String to, int port) {
    return "{\"from\":\"%s\",\"to\":\"%s\",\"protocol\":\"TCP\",\"port\":%d}"
        .formatted(from, to, port);
  }

  @Test
  void networkPolicyNeverDeniesThemOthersJudgeWhatThePodOpens() throws IOException {
    String probes =
        List.of(
                probe("default/web", "ip:192.168.0.1", 80),
                probe("default/web", "default/agent", 80),
                probe("default/web", "ip:192.168.0.1", 22),
                probe("default/web", "ip:192.168.0.1", 53),
                probe("default/web", "ip:192.168.0.2", 80),
                probe("default/web", "ip:192.168.0.2", 53),
                probe("ip:192.168.0.1", "default/web", 80),
                probe("default/agent", "default/web", 80),
                probe("ip:192.168.0.2", "default/web", 80))
            .stream()
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
                .replaceAll(
                    "(?m)^.*\"from\":\"(.*?)\",\"to\":\"(.*?)\",\"protocol.*?\"port\":", "$1 $2 ")
                .replaceAll("\"verdict\":\"[a-z]+\",", ""))
        .isEqualTo(
            """
            default/web ip:192.168.0.1 80,"egress":"allow","ingress":"-","decidedBy":{"egress":{"default":"own node"},"ingress":null}}
            default/web default/agent 80,"egress":"allow","ingress":"-","decidedBy":{"egress":{"default":"own node"},"ingress":null}}
            default/web ip:192.168.0.1 22,"egress":"deny","ingress":"-","decidedBy":{"egress":{"tier":"kube-admin","policy":"cnp/guard","rule":0},"ingress":null}}
            default/web ip:192.168.0.1 53,"egress":"allow","ingress":"-","decidedBy":{"egress":{"tier":"default","policy":"gnp/dns","rule":0},"ingress":null}}
            default/web ip:192.168.0.2 80,"egress":"deny","ingress":"-","decidedBy":{"egress":{"tier":"default","default":"end of tier"},"ingress":null}}
            default/web ip:192.168.0.2 53,"egress":"allow","ingress":"-","decidedBy":{"egress":{"tier":"default","policy":"gnp/dns","rule":0},"ingress":null}}
            ip:192.168.0.1 default/web 80,"egress":"-","ingress":"allow","decidedBy":{"egress":null,"ingress":{"default":"own node"}}}
            default/agent default/web 80,"egress":"-","ingress":"allow","decidedBy":{"egress":null,"ingress":{"default":"own node"}}}
            ip:192.168.0.2 default/web 80,"egress":"-","ingress":"deny","decidedBy":{"egress":null,"ingress":{"tier":"default","default":"end of tier"}}}
            """);
  }
}
