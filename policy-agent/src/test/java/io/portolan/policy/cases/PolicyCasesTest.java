package io.portolan.policy.cases;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Whole answers as text. */
class PolicyCasesTest {
  private static final String OBJECTS =
      """
      {"apiVersion":"v1","kind":"Node","metadata":{"name":"n1"},"status":{"addresses":[
       {"type":"InternalIP","address":"192.168.0.1"},{"type":"Hostname","address":"n1"}]}},
      {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}},
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"shop","labels":{"app":"web"}},
       "spec":{"nodeName":"n1"},"status":{"phase":"Running","podIPs":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}]}},
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"db","namespace":"shop","labels":{"app":"db"}},
       "spec":{"nodeName":"n1","containers":[{"name":"db","ports":[{"name":"sql","containerPort":5432}]}]},
       "status":{"podIPs":[{"ip":"10.0.0.2"}]}},
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"old","namespace":"shop"},
       "status":{"phase":"Succeeded","podIP":"10.0.0.1"}},
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"proxy"},
       "spec":{"nodeName":"n1","hostNetwork":true},"status":{"podIPs":[{"ip":"192.168.0.1"}]}},
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"far"},
       "spec":{"nodeName":"n2","hostNetwork":true},"status":{"podIPs":[{"ip":"192.168.0.2"}]}},
      {"apiVersion":"v1","kind":"List","items":[
       {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"db","namespace":"shop"},
        "spec":{"podSelector":{"matchLabels":{"app":"db"}},"policyTypes":["Ingress","Egress"],
        "ingress":[{"ports":[{"port":9999}]},
         {"from":[{"podSelector":{"matchLabels":{"app":"web"}}},{"ipBlock":{"cidr":"172.16.0.0/12"}}],
          "ports":[{"port":"sql"}]},
         {"from":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"shop"}}}],
          "ports":[{"port":5433}]}]}}]}
      """;

  private static String line(String text) {
    return text.replace("\n", "") + "\n";
  }

  private record Answered(String text, PolicyCases.Summary summary, List<String> notes) {}

  private static Answered answer(String cases) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<String> notes = new ArrayList<>();
    PolicyCases.Summary summary =
        PolicyCases.answerCases(
            new ByteArrayInputStream(cases.getBytes(StandardCharsets.UTF_8)), out, notes::add);
    return new Answered(out.toString(StandardCharsets.UTF_8), summary, notes);
  }

  @Test
  void eachEndSaysWhatDecided() throws IOException {
    String probes =
        """
        {"from":"shop/web","to":"shop/db","ipFamily":"IPv4","protocol":"TCP","port":5432},
        {"from":"ip:10.0.0.1","to":"ip:10.0.0.2","ipFamily":"IPv4","protocol":"TCP","port":5433,"sourcePort":7},
        {"from":"shop/web","to":"shop/db","ipFamily":"IPv4","protocol":"UDP","port":5432},
        {"from":"shop/db","to":"shop/web","ipFamily":"IPv4","protocol":"TCP","port":80},
        {"from":"shop/db","to":"shop/db","ipFamily":"IPv4","protocol":"TCP","port":80},
        {"from":"ip:172.16.0.9","to":"shop/db","ipFamily":"IPv4","protocol":"TCP","port":5432},
        {"from":"default/proxy","to":"shop/db","ipFamily":"IPv4","protocol":"TCP","port":1},
        {"from":"default/far","to":"shop/db","ipFamily":"IPv4","protocol":"TCP","port":1},
        {"from":"ip:192.168.0.1","to":"shop/db","ipFamily":"IPv4","protocol":"ICMP","icmpType":8},
        {"from":"ip:192.168.0.2","to":"shop/db","ipFamily":"IPv4","protocol":47},
        {"from":"shop/web","to":"ip:2001:db8::1","ipFamily":"IPv6","protocol":"ICMP"},
        {"from":"ip:1.1.1.1","to":"default/far","ipFamily":"IPv4","protocol":"SCTP","port":1}
        """;
    Answered answered =
        answer(line("{\"id\":\"a\",\"objects\":[" + OBJECTS + "],\"probes\":[" + probes + "]}"));
    assertThat(answered.text())
        .isEqualTo(
            """
            {"id":"a","step":0,"from":"shop/web","to":"shop/db","ipFamily":"IPv4","protocol":"TCP","port":5432,"egress":"allow","ingress":"allow","verdict":"allow","decidedBy":{"egress":{"default":"no policy"},"ingress":{"tier":"default","policy":"np/shop/db","rule":1}}}
            {"id":"a","step":0,"from":"ip:10.0.0.1","to":"ip:10.0.0.2","ipFamily":"IPv4","protocol":"TCP","port":5433,"sourcePort":7,"egress":"allow","ingress":"allow","verdict":"allow","decidedBy":{"egress":{"default":"no policy"},"ingress":{"tier":"default","policy":"np/shop/db","rule":2}}}
            {"id":"a","step":0,"from":"shop/web","to":"shop/db","ipFamily":"IPv4","protocol":"UDP","port":5432,"egress":"allow","ingress":"deny","verdict":"deny","decidedBy":{"egress":{"default":"no policy"},"ingress":{"tier":"default","default":"end of tier"}}}
            {"id":"a","step":0,"from":"shop/db","to":"shop/web","ipFamily":"IPv4","protocol":"TCP","port":80,"egress":"deny","ingress":"allow","verdict":"deny","decidedBy":{"egress":{"tier":"default","default":"end of tier"},"ingress":{"default":"no policy"}}}
            {"id":"a","step":0,"from":"shop/db","to":"shop/db","ipFamily":"IPv4","protocol":"TCP","port":80,"egress":"allow","ingress":"allow","verdict":"allow","decidedBy":{"egress":{"default":"the pod itself"},"ingress":{"default":"the pod itself"}}}
            {"id":"a","step":0,"from":"ip:172.16.0.9","to":"shop/db","ipFamily":"IPv4","protocol":"TCP","port":5432,"egress":"-","ingress":"allow","verdict":"allow","decidedBy":{"egress":null,"ingress":{"tier":"default","policy":"np/shop/db","rule":1}}}
            {"id":"a","step":0,"from":"default/proxy","to":"shop/db","ipFamily":"IPv4","protocol":"TCP","port":1,"egress":"-","ingress":"allow","verdict":"allow","decidedBy":{"egress":null,"ingress":{"default":"own node"}}}
            {"id":"a","step":0,"from":"default/far","to":"shop/db","ipFamily":"IPv4","protocol":"TCP","port":1,"egress":"-","ingress":"deny","verdict":"deny","decidedBy":{"egress":null,"ingress":{"tier":"default","default":"end of tier"}}}
            {"id":"a","step":0,"from":"ip:192.168.0.1","to":"shop/db","ipFamily":"IPv4","protocol":"ICMP","icmpType":8,"egress":"-","ingress":"allow","verdict":"allow","decidedBy":{"egress":null,"ingress":{"default":"own node"}}}
            {"id":"a","step":0,"from":"ip:192.168.0.2","to":"shop/db","ipFamily":"IPv4","protocol":47,"egress":"-","ingress":"deny","verdict":"deny","decidedBy":{"egress":null,"ingress":{"tier":"default","default":"end of tier"}}}
            {"id":"a","step":0,"from":"shop/web","to":"ip:2001:db8::1","ipFamily":"IPv6","protocol":"ICMP","egress":"allow","ingress":"-","verdict":"allow","decidedBy":{"egress":{"default":"no policy"},"ingress":null}}
            {"id":"a","step":0,"from":"ip:1.1.1.1","to":"default/far","ipFamily":"IPv4","protocol":"SCTP","port":1,"egress":"-","ingress":"-","verdict":"allow","decidedBy":{"egress":null,"ingress":null}}
            """);
    assertThat(answered.summary()).isEqualTo(new PolicyCases.Summary(12, 0, ""));
    assertThat(answered.notes()).isEmpty();
  }

  @Test
  void everyWrongFieldOfAProbeIsNamed() throws IOException {
    String valid = "{\"from\":\"shop/web\",\"to\":\"shop/db\",\"protocol\":\"TCP\",\"port\":80}";
    String probes =
        List.of(
                "7",
                valid.replace("\"from\":\"shop/web\",", ""),
                valid.replace("shop/web", "web"),
                valid.replace("shop/web", "shop/none"),
                valid.replace("shop/web", "shop/old"),
                valid.replace("shop/db", "ip:10.0.0"),
                valid.replace("\"shop/db\"", "5"),
                valid.replace("}", ",\"ipFamily\":\"IPv5\"}"),
                valid.replace("}", ",\"ipFamily\":\"IPv6\"}"),
                valid.replace("shop/db", "ip:10.0.0.2").replace("}", ",\"ipFamily\":\"IPv6\"}"),
                valid.replace("\"TCP\"", "\"tcp\""),
                valid.replace("\"TCP\"", "256"),
                valid.replace("\"TCP\"", "\"ICMP\""),
                valid.replace(",\"port\":80", ""),
                valid.replace("80", "65536"),
                valid.replace("80", "\"80\""),
                valid.replace("80", "80,\"sourcePort\":-1"),
                valid.replace("80", "80,\"icmpType\":8"),
                valid.replace("\"TCP\",\"port\":80", "\"ICMP\",\"icmpCode\":256"))
            .stream()
            .collect(Collectors.joining(","));
    Answered answered =
        answer(
            line(
                "{\"id\":1,\"step\":3,\"objects\":[" + OBJECTS + "],\"probes\":[" + probes + "]}"));
    assertThat(answered.text().replaceAll("(?m)^.*\"error\":", ""))
        .isEqualTo(
            """
            "line 1: probes[0]: is no object"}
            "line 1: probes[1]: from: is missing"}
            "line 1: probes[2]: from: 'web' is neither NAMESPACE/POD nor ip:ADDRESS"}
            "line 1: probes[3]: from: there is no pod shop/none"}
            "line 1: probes[4]: from: pod shop/old is finished"}
            "line 1: probes[5]: to: '10.0.0' is no address"}
            "line 1: probes[6]: to: 5 is no string"}
            "line 1: probes[7]: ipFamily: 'IPv5' is neither IPv4 nor IPv6"}
            "line 1: probes[8]: to: pod shop/db has no IPv6 address"}
            "line 1: probes[9]: to: ip:10.0.0.2 is no address of the probe's family"}
            "line 1: probes[10]: protocol: 'tcp' is none of TCP, UDP, SCTP, ICMP and no number"}
            "line 1: probes[11]: protocol: 256 is no number from 0 to 255"}
            "line 1: probes[12]: port: is for TCP, UDP and SCTP"}
            "line 1: probes[13]: port: is missing"}
            "line 1: probes[14]: port: 65536 is no number from 0 to 65535"}
            "line 1: probes[15]: port: \\"80\\" is no number from 0 to 65535"}
            "line 1: probes[16]: sourcePort: -1 is no number from 0 to 65535"}
            "line 1: probes[17]: icmpType: is for ICMP"}
            "line 1: probes[18]: icmpCode: 256 is no number from 0 to 255"}
            """);
    assertThat(answered.summary())
        .isEqualTo(new PolicyCases.Summary(19, 19, "line 1: probes[0]: is no object"));
  }

  @Test
  void everyWrongFieldOfACaseIsNamed() throws IOException {
    StringBuilder cases = new StringBuilder();
    for (String wrong :
        List.of(
            "no JSON",
            "[]",
            "{}",
            "{\"id\":[]}",
            "{\"id\":\"a\",\"step\":-1}",
            "{\"id\":\"a\",\"step\":1} {}",
            "{\"id\":\"a\",\"probes\":{}}",
            "{\"id\":\"a\",\"dns\":{\"x.org\":[\"1\"]}}",
            "{\"id\":\"a\",\"objects\":[1]}",
            object("{\"kind\":\"Pod\"}"),
            object("{\"apiVersion\":\"v1\"}"),
            object("{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}"),
            object("{\"apiVersion\":\"v2\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}"),
            object("{\"kind\":\"List\",\"items\":{}}"),
            pod("\"metadata\":{\"name\":\"a\",\"labels\":{\"b\":1}}"),
            pod("\"metadata\":{\"name\":\"a\"},\"spec\":{\"nodeName\":1}"),
            pod("\"metadata\":{\"name\":\"a\"},\"spec\":{\"hostNetwork\":\"yes\"}"),
            pod("\"metadata\":{\"name\":\"a\"},\"spec\":{\"containers\":[{\"ports\":[{}]}]}"),
            pod(
                "\"metadata\":{\"name\":\"a\"},\"spec\":{\"containers\":[{\"ports\":[{\"containerPort\":1,\"protocol\":\"tcp\"}]}]}"),
            pod("\"metadata\":{\"name\":\"a\"},\"status\":{\"phase\":\"Gone\"}"),
            pod("\"metadata\":{\"name\":\"a\"},\"status\":{\"podIPs\":[{\"ip\":\"1.2.3\"}]}"),
            pod(
                "\"metadata\":{\"name\":\"a\"}},{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}"),
            object(
                "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"n\"},\"status\":{\"addresses\":[{\"type\":\"InternalIP\",\"address\":\"x\"}]}}"),
            object(
                "{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"NetworkPolicy\",\"metadata\":{\"name\":\"p\"},\"spec\":{\"podSelector\":{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Is\"}]}}}"),
            "{\"id\":\"a\",\"step\":2}",
            "{\"id\":\"a\",\"step\":2}")) {
      cases.append(wrong).append('\n');
    }
    Answered answered = answer(cases.toString());
    assertThat(answered.text())
        .isEqualTo(
            """
            {"error":"line 1: not JSON: Unrecognized token 'no': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"}
            {"error":"line 2: is no object"}
            {"error":"line 3: id: is missing"}
            {"error":"line 4: id: is no string"}
            {"id":"a","error":"line 5: step: -1 is no number from 0 to 2147483647"}
            {"error":"line 6: expected one object, found more behind it"}
            {"id":"a","step":0,"error":"line 7: probes: is no list"}
            {"id":"a","step":0,"error":"line 8: dns[x.org][0]: '1' is no address"}
            {"id":"a","step":0,"error":"line 9: objects[0]: is no object"}
            {"id":"a","step":0,"error":"line 10: objects[0]: apiVersion: is missing"}
            {"id":"a","step":0,"error":"line 11: objects[0]: kind: is missing"}
            {"id":"a","step":0,"error":"line 12: objects[0]: metadata.name: is missing"}
            {"id":"a","step":0,"error":"line 13: objects[0]: Pod default/a: kind Pod (v2) is not known; there are: ClusterNetworkPolicy (policy.networking.k8s.io/v1alpha2), EndpointSlice (discovery.k8s.io/v1), FelixConfiguration (projectcalico.org/v3), GlobalNetworkPolicy (projectcalico.org/v3), GlobalNetworkSet (projectcalico.org/v3), HostEndpoint (projectcalico.org/v3), Namespace (v1), NetworkPolicy (networking.k8s.io/v1), NetworkPolicy (projectcalico.org/v3), NetworkSet (projectcalico.org/v3), Node (v1), Pod (v1), Service (v1), ServiceAccount (v1), StagedGlobalNetworkPolicy (projectcalico.org/v3), StagedKubernetesNetworkPolicy (projectcalico.org/v3), StagedNetworkPolicy (projectcalico.org/v3), Tier (projectcalico.org/v3)"}
            {"id":"a","step":0,"error":"line 14: objects[0]: items: is no list"}
            {"id":"a","step":0,"error":"line 15: objects[0]: Pod default/a: metadata.labels[b]: 1 is no string"}
            {"id":"a","step":0,"error":"line 16: objects[0]: Pod default/a: spec.nodeName: 1 is no string"}
            {"id":"a","step":0,"error":"line 17: objects[0]: Pod default/a: spec.hostNetwork: \\"yes\\" is neither true nor false"}
            {"id":"a","step":0,"error":"line 18: objects[0]: Pod default/a: spec.containers[0].ports[0].containerPort: is missing"}
            {"id":"a","step":0,"error":"line 19: objects[0]: Pod default/a: spec.containers[0].ports[0].protocol: \\"tcp\\" is none of TCP, UDP, SCTP"}
            {"id":"a","step":0,"error":"line 20: objects[0]: Pod default/a: status.phase: \\"Gone\\" is none of Pending, Running, Succeeded, Failed, Unknown"}
            {"id":"a","step":0,"error":"line 21: objects[0]: Pod default/a: status.podIPs[0].ip: '1.2.3' is no address"}
            {"id":"a","step":0,"error":"line 22: objects[1]: Pod default/a: is there already, in objects[0]"}
            {"id":"a","step":0,"error":"line 23: objects[0]: Node n: status.addresses[0].address: 'x' is no address"}
            {"id":"a","step":0,"error":"line 24: objects[0]: NetworkPolicy default/p: label operator 'Is': use In, NotIn, Exists or DoesNotExist"}
            {"id":"a","step":2,"error":"line 26: step: 2 does not come after 2"}
            """);
  }

  private static String object(String object) {
    return "{\"id\":\"a\",\"objects\":[" + object + "]}";
  }

  private static String pod(String fields) {
    return object("{\"apiVersion\":\"v1\",\"kind\":\"Pod\"," + fields + "}");
  }

  @Test
  void whatIsLeftOutIsNoted() throws IOException {
    Answered answered =
        answer(
            line(
                object(
                    """
                    {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"}},
                    {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"p"},
                    "spec":{"ingress":[{"ports":[{"port":0}]}]}}
                    """)));
    assertThat(String.join("\n", answered.notes()))
        .isEqualTo(
            """
            a: objects[0]: Deployment default/d: left out, policy does not depend on it
            a: objects[1]: NetworkPolicy default/p: allows nothing by spec.ingress[0].ports[0]: port 0 to 0: use 1 to 65535\
            """);
  }
}
