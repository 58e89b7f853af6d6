package io.portolan.policy.cases;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What host endpoints say to connections of their nodes. */
class HostCasesTest {
  private static final String OBJECTS =
      """
      {"apiVersion":"v1","kind":"Node","metadata":{"name":"n1"},"status":{"addresses":[{"type":"InternalIP","address":"192.168.0.1"},{"type":"InternalIP","address":"fd00::1"}]}},
      {"apiVersion":"v1","kind":"Node","metadata":{"name":"n2"},"status":{"addresses":[{"type":"InternalIP","address":"192.168.0.2"}]}},
      {"apiVersion":"v1","kind":"Node","metadata":{"name":"n3"},"status":{"addresses":[{"type":"InternalIP","address":"192.168.0.3"}]}},
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","labels":{"app":"web"}},"spec":{"nodeName":"n1"},"status":{"podIP":"10.0.0.1"}},
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"far"},"spec":{"nodeName":"n3"},"status":{"podIP":"10.0.0.3"}},
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"agent"},"spec":{"nodeName":"n1","hostNetwork":true},"status":{"podIP":"192.168.0.1"}},
      {"apiVersion":"projectcalico.org/v3","kind":"HostEndpoint","metadata":{"name":"n1-eth0","labels":{"role":"edge"}},
       "spec":{"node":"n1","interfaceName":"eth0","expectedIPs":["192.168.0.1","203.0.113.1","fd00::1"]}},
      {"apiVersion":"projectcalico.org/v3","kind":"HostEndpoint","metadata":{"name":"n2-all","labels":{"role":"inner"}},
       "spec":{"node":"n2","interfaceName":"*","profiles":["projectcalico-default-allow"]}},
      {"apiVersion":"projectcalico.org/v3","kind":"FelixConfiguration","metadata":{"name":"default"},
       "spec":{"failsafeInboundHostPorts":[{"protocol":"TCP","port":22}],"failsafeOutboundHostPorts":[]}},
      {"apiVersion":"projectcalico.org/v3","kind":"GlobalNetworkPolicy","metadata":{"name":"fast"},
       "spec":{"order":1,"selector":"has(role)","applyOnForward":true,"doNotTrack":true,
       "ingress":[{"action":"Allow","protocol":"UDP","destination":{"ports":[53]}},{"action":"Deny","protocol":"UDP","destination":{"ports":[54]}}]}},
      {"apiVersion":"projectcalico.org/v3","kind":"GlobalNetworkPolicy","metadata":{"name":"early"},
       "spec":{"order":1,"selector":"role == 'edge'","applyOnForward":true,"preDNAT":true,"types":["Ingress"],
       "ingress":[{"action":"Allow","protocol":"TCP","destination":{"ports":[80]}},{"action":"Deny","protocol":"TCP","destination":{"ports":[22,81]}}]}},
      {"apiVersion":"projectcalico.org/v3","kind":"GlobalNetworkPolicy","metadata":{"name":"both"},
       "spec":{"order":2,"selector":"has(role)","applyOnForward":true,"types":["Ingress","Egress"],
       "ingress":[{"action":"Deny","protocol":"TCP","destination":{"ports":[80]}},{"action":"Allow","protocol":"TCP","destination":{"ports":[443]}}],
       "egress":[{"action":"Allow","protocol":"TCP","destination":{"ports":[443]}}]}},
      {"apiVersion":"projectcalico.org/v3","kind":"GlobalNetworkPolicy","metadata":{"name":"pods"},
       "spec":{"order":3,"selector":"app == 'web'","types":["Egress"],"egress":[{"action":"Allow"}]}}
      """;

  private static String probe(String from, String to, String protocol, int port) {
    return "{\"from\":\"%s\",\"to\":\"%s\",\"protocol\":\"%s\",\"port\":%d}"
        .formatted(from, to, protocol, port);
  }

  private static String answers(String objects, String... probes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PolicyCases.answerCases(
        new ByteArrayInputStream(
            ("{\"id\":\"a\",\"objects\":["
                    + objects
                    + "],\"probes\":["
                    + Stream.of(probes).collect(Collectors.joining(","))
                    + "]}")
                .replace("\n", "")
                .getBytes(StandardCharsets.UTF_8)),
        out,
        _ -> {});
    return out.toString(StandardCharsets.UTF_8)
        .replaceAll("(?m)^.*\"from\":\"(.*?)\",\"to\":\"(.*?)\",\"protocol.*?\"port\":", "$1 $2 ")
        .replaceAll(
            "(?m)^.*\"from\":\"(.*?)\",\"to\":\"(.*?)\",\"protocol.*?\"icmpType\":", "$1 $2 icmp ")
        .replaceAll("\"verdict\":\"[a-z]+\",", "");
  }

  @Test
  void whatTheNodeReceives() throws IOException {
    String edge = "ip:192.168.0.1";
    String out = "ip:198.51.100.7";
    assertThat(
            answers(
                OBJECTS,
                probe(out, edge, "TCP", 443),
                probe(out, edge, "TCP", 8080),
                probe(out, edge, "TCP", 80),
                probe(out, edge, "TCP", 81),
                probe(out, edge, "TCP", 22),
                probe(out, edge, "UDP", 53),
                probe(out, edge, "UDP", 54),
                probe("default/far", edge, "TCP", 443),
                probe("default/far", "default/agent", "TCP", 81),
                probe(out, "ip:203.0.113.1", "TCP", 81),
                probe(out, "ip:192.168.0.2", "TCP", 443),
                probe(out, "ip:192.168.0.2", "UDP", 53),
                probe(out, "ip:192.168.0.3", "TCP", 81)))
        .isEqualTo(
            """
            ip:198.51.100.7 ip:192.168.0.1 443,"egress":"-","ingress":"allow","decidedBy":{"egress":null,"ingress":{"tier":"default","policy":"gnp/both","rule":1}}}
            ip:198.51.100.7 ip:192.168.0.1 8080,"egress":"-","ingress":"deny","decidedBy":{"egress":null,"ingress":{"tier":"default","default":"end of tier"}}}
            ip:198.51.100.7 ip:192.168.0.1 80,"egress":"-","ingress":"allow","decidedBy":{"egress":null,"ingress":{"tier":"default","policy":"gnp/early","rule":0}}}
            ip:198.51.100.7 ip:192.168.0.1 81,"egress":"-","ingress":"deny","decidedBy":{"egress":null,"ingress":{"tier":"default","policy":"gnp/early","rule":1}}}
            ip:198.51.100.7 ip:192.168.0.1 22,"egress":"-","ingress":"allow","decidedBy":{"egress":null,"ingress":{"default":"failsafe port"}}}
            ip:198.51.100.7 ip:192.168.0.1 53,"egress":"-","ingress":"allow","decidedBy":{"egress":null,"ingress":{"tier":"default","policy":"gnp/fast","rule":0}}}
            ip:198.51.100.7 ip:192.168.0.1 54,"egress":"-","ingress":"deny","decidedBy":{"egress":null,"ingress":{"tier":"default","policy":"gnp/fast","rule":1}}}
            default/far ip:192.168.0.1 443,"egress":"allow","ingress":"allow","decidedBy":{"egress":{"default":"no policy"},"ingress":{"tier":"default","policy":"gnp/both","rule":1}}}
            default/far default/agent 81,"egress":"allow","ingress":"deny","decidedBy":{"egress":{"default":"no policy"},"ingress":{"tier":"default","policy":"gnp/early","rule":1}}}
            ip:198.51.100.7 ip:203.0.113.1 81,"egress":"-","ingress":"deny","decidedBy":{"egress":null,"ingress":{"tier":"default","policy":"gnp/early","rule":1}}}
            ip:198.51.100.7 ip:192.168.0.2 443,"egress":"-","ingress":"allow","decidedBy":{"egress":null,"ingress":{"tier":"default","policy":"gnp/both","rule":1}}}
            ip:198.51.100.7 ip:192.168.0.2 53,"egress":"-","ingress":"deny","decidedBy":{"egress":null,"ingress":{"tier":"default","default":"end of tier"}}}
            ip:198.51.100.7 ip:192.168.0.3 81,"egress":"-","ingress":"-","decidedBy":{"egress":null,"ingress":null}}
            """);
  }

  @Test
  void whatTheNodeOpens() throws IOException {
    assertThat(
            answers(
                OBJECTS,
                probe("ip:192.168.0.1", "ip:198.51.100.7", "TCP", 443),
                probe("ip:192.168.0.1", "ip:198.51.100.7", "TCP", 80),
                probe("ip:192.168.0.1", "ip:192.168.0.2", "TCP", 443),
                probe("default/agent", "default/far", "TCP", 80),
                probe("ip:192.168.0.3", "ip:192.168.0.2", "TCP", 80)))
        .isEqualTo(
            """
            ip:192.168.0.1 ip:198.51.100.7 443,"egress":"allow","ingress":"-","decidedBy":{"egress":{"tier":"default","policy":"gnp/both","rule":0},"ingress":null}}
            ip:192.168.0.1 ip:198.51.100.7 80,"egress":"deny","ingress":"-","decidedBy":{"egress":{"tier":"default","default":"end of tier"},"ingress":null}}
            ip:192.168.0.1 ip:192.168.0.2 443,"egress":"allow","ingress":"allow","decidedBy":{"egress":{"tier":"default","policy":"gnp/both","rule":0},"ingress":{"tier":"default","policy":"gnp/both","rule":1}}}
            default/agent default/far 80,"egress":"deny","ingress":"allow","decidedBy":{"egress":{"tier":"default","default":"end of tier"},"ingress":{"default":"no policy"}}}
            ip:192.168.0.3 ip:192.168.0.2 80,"egress":"-","ingress":"deny","decidedBy":{"egress":null,"ingress":{"tier":"default","policy":"gnp/both","rule":0}}}
            """);
  }

  @Test
  void withinTheNodeNoneIsAsked() throws IOException {
    assertThat(
            answers(
                OBJECTS,
                probe("default/web", "ip:192.168.0.1", "TCP", 81),
                probe("default/web", "ip:203.0.113.1", "TCP", 81),
                probe("ip:192.168.0.1", "default/web", "TCP", 81),
                probe("ip:192.168.0.1", "ip:203.0.113.1", "TCP", 81),
                "{\"from\":\"ip:fd00::9\",\"to\":\"ip:fd00::1\",\"protocol\":\"ICMP\",\"icmpType\":135}",
                "{\"from\":\"ip:fd00::9\",\"to\":\"ip:fd00::1\",\"protocol\":\"ICMP\",\"icmpType\":128}"))
        .isEqualTo(
            """
            default/web ip:192.168.0.1 81,"egress":"allow","ingress":"allow","decidedBy":{"egress":{"tier":"default","policy":"gnp/pods","rule":0},"ingress":{"default":"own node"}}}
            default/web ip:203.0.113.1 81,"egress":"allow","ingress":"allow","decidedBy":{"egress":{"tier":"default","policy":"gnp/pods","rule":0},"ingress":{"default":"own node"}}}
            ip:192.168.0.1 default/web 81,"egress":"allow","ingress":"allow","decidedBy":{"egress":{"default":"own node"},"ingress":{"default":"own node"}}}
            ip:192.168.0.1 ip:203.0.113.1 81,"egress":"allow","ingress":"allow","decidedBy":{"egress":{"default":"own node"},"ingress":{"default":"own node"}}}
            ip:fd00::9 ip:fd00::1 icmp 135,"egress":"-","ingress":"allow","decidedBy":{"egress":null,"ingress":{"default":"neighbour discovery and the like"}}}
            ip:fd00::9 ip:fd00::1 icmp 128,"egress":"-","ingress":"deny","decidedBy":{"egress":null,"ingress":{"tier":"default","default":"end of tier"}}}
            """);
  }

  @Test
  void whereNoPolicySelectsTheEndpointItsProfilesDecide() throws IOException {
    String endpoints =
        """
        {"apiVersion":"projectcalico.org/v3","kind":"HostEndpoint","metadata":{"name":"a"},
         "spec":{"node":"n1","expectedIPs":["192.168.0.1"],"profiles":["projectcalico-default-allow"]}},
        {"apiVersion":"projectcalico.org/v3","kind":"HostEndpoint","metadata":{"name":"b"},
         "spec":{"node":"n1","interfaceName":"eth0","expectedIPs":["192.168.0.2"]}}
        """;
    assertThat(
            answers(
                endpoints,
                probe("ip:198.51.100.7", "ip:192.168.0.1", "TCP", 80),
                probe("ip:198.51.100.7", "ip:192.168.0.2", "TCP", 80),
                probe("ip:198.51.100.7", "ip:192.168.0.2", "TCP", 22)))
        .isEqualTo(
            """
            ip:198.51.100.7 ip:192.168.0.1 80,"egress":"-","ingress":"allow","decidedBy":{"egress":null,"ingress":{"default":"profiles"}}}
            ip:198.51.100.7 ip:192.168.0.2 80,"egress":"-","ingress":"deny","decidedBy":{"egress":null,"ingress":{"default":"profiles"}}}
            ip:198.51.100.7 ip:192.168.0.2 22,"egress":"-","ingress":"allow","decidedBy":{"egress":null,"ingress":{"default":"failsafe port"}}}
            """);
  }

  private static ClusterState state(String objects) throws IOException, MalformedInputException {
    List<ManifestObject> all = new ArrayList<>();
    for (JsonNode object : new ObjectMapper().readTree("[" + objects + "]")) {
      all.add(new ManifestObject("", object));
    }
    return ClusterState.of(all, _ -> {});
  }

  private static String explained(String from, String to, String service)
      throws IOException, MalformedInputException {
    ProbedCluster cluster = new ProbedCluster();
    cluster.become(state(OBJECTS));
    Probe probe = Probe.of(from, to, service);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ExplanationWriter.write(
        probe, cluster.explain(probe), Optional.empty(), out, PolicyCases.Format.TEXT);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void eachPlaceOnTheWayIsExplained() throws Exception {
    String out = "ip:198.51.100.7";
    assertThat(
            explained(out, "ip:192.168.0.1", "443/tcp")
                + explained(out, "ip:192.168.0.1", "80/tcp")
                + explained(out, "ip:192.168.0.1", "53/udp")
                + explained(out, "ip:192.168.0.1", "22/tcp")
                + explained("ip:192.168.0.1", "ip:192.168.0.2", "80/tcp"))
        .isEqualTo(
            """
            ip:198.51.100.7 -> ip:192.168.0.1 443/tcp: allow
              egress of ip:198.51.100.7: no policed pod
              ingress of ip:192.168.0.1: allow
                tier default (gnp/fast): pass at its end, no rule decides
                tier default (gnp/early): pass at its end, no rule decides
                tier default (gnp/both): allow by gnp/both ingress[1]
            ip:198.51.100.7 -> ip:192.168.0.1 80/tcp: allow
              egress of ip:198.51.100.7: no policed pod
              ingress of ip:192.168.0.1: allow
                tier default (gnp/fast): pass at its end, no rule decides
                tier default (gnp/early): allow by gnp/early ingress[0]
            ip:198.51.100.7 -> ip:192.168.0.1 53/udp: allow
              egress of ip:198.51.100.7: no policed pod
              ingress of ip:192.168.0.1: allow
                tier default (gnp/fast): allow by gnp/fast ingress[0]
            ip:198.51.100.7 -> ip:192.168.0.1 22/tcp: allow
              egress of ip:198.51.100.7: no policed pod
              ingress of ip:192.168.0.1: allow, failsafe port
            ip:192.168.0.1 -> ip:192.168.0.2 80/tcp: deny
              egress of ip:192.168.0.1: deny
                tier default (gnp/both): deny at its end, no rule decides
              ingress of ip:192.168.0.2: deny
                tier default (gnp/both): deny by gnp/both ingress[0]
            """);
  }

  @Test
  void aChangeOfAHostEndpointShows() throws Exception {
    String before =
        OBJECTS.replace("\"expectedIPs\":[\"192.168.0.1\",", "\"expectedIPs\":[\"192.168.0.9\",");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PolicyChanges.write(state(before), state(OBJECTS), out, PolicyCases.Format.TEXT);
    assertThat(
            out.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains("default/far") && line.contains("tcp")))
        .containsExactly(
            "default/far -> ip:192.168.0.1 81/tcp: allow becomes deny, decided by ingress:"
                + " gnp/early ingress[1] in tier default",
            "default/far -> ip:192.168.0.1 65535/tcp: allow becomes deny, decided by ingress: end"
                + " of tier default",
            "default/far -> ip:192.168.0.9 81/tcp: deny becomes allow, decided by egress: no"
                + " policy",
            "default/far -> ip:192.168.0.9 65535/tcp: deny becomes allow, decided by egress: no"
                + " policy",
            "ip:192.168.0.1 -> default/far 22/tcp: allow becomes deny, decided by egress: end of"
                + " tier default",
            "ip:192.168.0.1 -> default/far 80/tcp: allow becomes deny, decided by egress: end of"
                + " tier default",
            "ip:192.168.0.1 -> default/far 81/tcp: allow becomes deny, decided by egress: end of"
                + " tier default",
            "ip:192.168.0.1 -> default/far 65535/tcp: allow becomes deny, decided by egress: end of"
                + " tier default",
            "ip:192.168.0.9 -> default/far 22/tcp: deny becomes allow, decided by ingress: no"
                + " policy",
            "ip:192.168.0.9 -> default/far 80/tcp: deny becomes allow, decided by ingress: no"
                + " policy",
            "ip:192.168.0.9 -> default/far 81/tcp: deny becomes allow, decided by ingress: no"
                + " policy",
            "ip:192.168.0.9 -> default/far 65535/tcp: deny becomes allow, decided by ingress: no"
                + " policy");
  }
}
