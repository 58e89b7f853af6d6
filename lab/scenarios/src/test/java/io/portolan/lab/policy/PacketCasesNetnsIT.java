package io.portolan.lab.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Clusters of cases, through the kernel. */
class PacketCasesNetnsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NODES =
      """
      {"apiVersion":"v1","kind":"Node","metadata":{"name":"n1"},"status":{"addresses":[
        {"type":"InternalIP","address":"172.16.0.1"}]}},
      {"apiVersion":"v1","kind":"Node","metadata":{"name":"n2"},"status":{"addresses":[
        {"type":"InternalIP","address":"172.16.0.2"}]}}\
      """;

  @Test
  void packetsDoWhatEachStateOfEachClusterSays() throws Exception {
    String web = pod("web", "n1", "Running", "10.0.0.1", "fd00::1");
    String db = pod("db", "n2", "Running", "10.0.0.2", "fd00::2");
    String open = "[" + NODES + "," + web + "," + db + "]";
    String policed =
        "["
            + NODES
            + ","
            + web
            + ","
            + db
            + ","
            + """
            {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy",
             "metadata":{"name":"db","namespace":"a"},
             "spec":{"podSelector":{"matchLabels":{"app":"db"}},"ingress":[
               {"from":[{"podSelector":{"matchLabels":{"app":"web"}}}],
                "ports":[{"port":5432},{"port":9,"protocol":"SCTP"}]}]}},
            {"apiVersion":"projectcalico.org/v3","kind":"GlobalNetworkPolicy",
             "metadata":{"name":"ping"},
             "spec":{"order":1,"selector":"all()","types":["Ingress"],"ingress":[
               {"action":"Allow","protocol":"ICMP","icmp":{"type":8,"code":0}},
               {"action":"Deny","protocol":"ICMPv6"}]}}]\
            """;
    // The address of a pod that ended, on another node now.
    String successor =
        "["
            + NODES
            + ","
            + pod("web", "n1", "Succeeded", "10.0.0.1", "fd00::1")
            + ","
            + pod("db", "n2", "Running", "10.0.0.1", "fd00::2")
            + "]";
    String probes =
        """
        [{"from":"a/web","to":"a/db","protocol":"TCP","port":5432},
         {"from":"a/web","to":"a/db","protocol":"TCP","port":5433},
         {"from":"a/web","to":"a/db","protocol":"SCTP","port":9,"ipFamily":"IPv6"},
         {"from":"a/web","to":"a/db","protocol":"UDP","port":5432},
         {"from":"a/web","to":"a/db","protocol":"ICMP"},
         {"from":"a/web","to":"a/db","protocol":"ICMP","icmpType":8,"icmpCode":1},
         {"from":"a/web","to":"a/db","protocol":"ICMP","ipFamily":"IPv6"},
         {"from":"a/web","to":"a/db","protocol":"ICMP","icmpType":3,"icmpCode":1},
         {"from":"a/web","to":"a/db","protocol":47},
         {"from":"ip:192.0.2.7","to":"a/db","protocol":"TCP","port":5432},
         {"from":"a/db","to":"ip:192.0.2.7","protocol":"TCP","port":443},
         {"from":"ip:172.16.0.2","to":"a/db","protocol":"TCP","port":1},
         {"from":"ip:172.16.0.1","to":"a/db","protocol":"TCP","port":1},
         {"from":"a/db","to":"ip:172.16.0.2","protocol":"UDP","port":53},
         {"from":"a/web","to":"a/web","protocol":"TCP","port":1}]\
        """;
    String lines =
        line("c", 0, open, probes)
            + line("c", 1, policed, probes)
            + line("c", 2, open, probes)
            + line(
                "d",
                0,
                successor,
                """
                [{"from":"ip:10.0.0.2","to":"ip:10.0.0.1","protocol":"TCP","port":1},
                 {"from":"ip:10.0.0.1","to":"ip:10.0.0.2","protocol":"TCP","port":1},
                 {"from":"a/web","to":"a/db","protocol":"TCP","port":1}]\
                """);
    assertThat(packets(lines))
        .isEqualTo(
            """
            c 0: allow allow allow allow allow allow allow none allow allow allow allow allow allow none
            c 1: allow deny allow deny allow deny deny none deny deny allow allow deny allow none
            c 2: allow allow allow allow allow allow allow none allow allow allow allow allow allow none
            d 0: allow allow error
            """);
  }

  private static String line(String id, int step, String objects, String probes) {
    return ("{\"id\":\"" + id + "\",\"step\":" + step + ",\"objects\":" + objects + ",\"probes\":")
            .replace("\n", " ")
        + probes.replace("\n", " ")
        + "}\n";
  }

  private static String pod(String name, String node, String phase, String... addresses) {
    List<String> ips = new ArrayList<>();
    for (String address : addresses) {
      ips.add("{\"ip\":\"" + address + "\"}");
    }
    return """
    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%1$s","namespace":"a",
     "labels":{"app":"%1$s"}},"spec":{"nodeName":"%2$s"},
     "status":{"phase":"%3$s","podIPs":[%4$s]}}\
    """
        .formatted(name, node, phase, String.join(",", ips));
  }

  private static String packets(String lines) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PacketCasesReport report = new PacketCasesReport(out, PacketCasesReport.Format.JSON, _ -> {});
    long late =
        PacketCases.run(
            new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)), _ -> {}, report);
    report.end(late);
    assertThat(late).isZero();
    StringBuilder text = new StringBuilder();
    String state = "";
    for (String line : out.toString(StandardCharsets.UTF_8).split("\n")) {
      JsonNode answer = JSON.readTree(line);
      assertThat(answer.path("agrees").asBoolean(true)).as(line).isTrue();
      String next = answer.path("id").asText() + " " + answer.path("step").asInt() + ":";
      text.append(next.equals(state) ? "" : (state.isEmpty() ? "" : "\n") + next);
      state = next;
      text.append(' ').append(answer.path("packets").asText("error"));
    }
    return text.append('\n').toString();
  }
}
