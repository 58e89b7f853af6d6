package io.portolan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.sim.kube.ApiOptions;
import io.portolan.sim.kube.KubeApiServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyExplainCommandTest {
  private static final String KUBERNETES =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: web, namespace: shop, labels: {app: web}}
      spec: {nodeName: n1, containers: [{name: c, image: i}]}
      status: {phase: Running, podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: db, namespace: shop, labels: {app: db}}
      spec: {nodeName: n1, containers: [{name: c, image: i}]}
      status: {phase: Running, podIP: 10.0.0.2, podIPs: [{ip: 10.0.0.2}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: db, namespace: shop}
      spec:
        podSelector: {matchLabels: {app: db}}
        ingress: [{ports: [{port: 5432}]}]
      """;

  /** As Calico stores them. */
  private static final String CALICO =
      """
      ---
      apiVersion: crd.projectcalico.org/v1
      kind: Tier
      metadata: {name: first}
      spec: {order: 1}
      ---
      apiVersion: crd.projectcalico.org/v1
      kind: GlobalNetworkPolicy
      metadata: {name: first.passes}
      spec:
        tier: first
        selector: app == 'db'
        ingress: [{action: Log}, {action: Pass}]
      ---
      apiVersion: crd.projectcalico.org/v1
      kind: StagedNetworkPolicy
      metadata: {name: default.closed, namespace: shop}
      spec: {order: 1, ingress: [{action: Deny}]}
      """;

  private final PrintStream standardOutput = System.out;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final StringWriter err = new StringWriter();

  @TempDir private Path directory = Path.of("");

  @AfterEach
  void giveBack() {
    System.setOut(standardOutput);
  }

  @Test
  void explainsEachTierOfARunningCluster() throws IOException {
    try (KubeApiServer server = KubeApiServer.start(ApiOptions.DEFAULT)) {
      for (String[] kind :
          new String[][] {
            {"tiers", "Tier", "Cluster"},
            {"globalnetworkpolicies", "GlobalNetworkPolicy", "Cluster"},
            {"stagednetworkpolicies", "StagedNetworkPolicy", "Namespaced"},
            {"clusterinformations", "ClusterInformation", "Cluster"},
            // Installed, and not used by Calico yet.
            {"globalnetworkpolicies", "GlobalNetworkPolicy", "Cluster", "projectcalico.org", "v3"}
          }) {
        String group = kind.length > 3 ? kind[3] : "crd.projectcalico.org";
        String version = kind.length > 3 ? kind[4] : "v1";
        server
            .objects()
            .create(
                """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: %s.%s}
                spec:
                  group: %s
                  scope: %s
                  names: {plural: %s, singular: %s, kind: %s}
                  versions:
                  - name: %s
                    served: true
                    storage: true
                    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
                """
                    .formatted(
                        kind[0],
                        group,
                        group,
                        kind[2],
                        kind[0],
                        kind[1].toLowerCase(java.util.Locale.ROOT),
                        kind[1],
                        version));
      }
      server
          .objects()
          .create(
              "{apiVersion: crd.projectcalico.org/v1, kind: ClusterInformation,"
                  + " metadata: {name: default}, spec: {datastoreReady: true}}");
      server.objects().create(KUBERNETES + CALICO);
      status(server, "web", "10.0.0.1");
      status(server, "db", "10.0.0.2");
      String url = server.url().toString();
      assertThat(run("--api-server", url, "shop/web", "shop/db", "5432/tcp"))
          .as("%s", err)
          .isZero();
      assertThat(run("--api-server", url, "shop/web", "shop/db", "53/udp")).isZero();
      assertThat(run("--api-server", url, "ip:192.0.2.1", "shop/web", "icmp")).isZero();
      assertThat(err.toString()).isEmpty();
      server.faults().forbid("stagednetworkpolicies", "stagedglobalnetworkpolicies");
      assertThat(run("--api-server", url, "shop/web", "shop/db", "53/udp")).isZero();
      server.faults().forbid("tiers");
      assertThat(run("--api-server", url, "shop/web", "shop/db", "53/udp")).isOne();
    }
    assertThat(err.toString().lines().toList())
        .containsExactly(
            "portolan: listing stagednetworkpolicies: DENIED (403): stagednetworkpolicies is"
                + " forbidden: User cannot access it; answers do not tell what these would change",
            "portolan: listing stagedglobalnetworkpolicies: DENIED (403):"
                + " stagedglobalnetworkpolicies is forbidden: User cannot access it; answers do not"
                + " tell what these would change",
            "portolan: listing tiers: DENIED (403): tiers is forbidden: User cannot access it");
    assertThat(printed())
        .isEqualTo(
            """
            shop/web -> shop/db 5432/tcp: allow
              egress of shop/web: allow, no policy
              ingress of shop/db: allow
                tier first (gnp/first.passes): pass by gnp/first.passes ingress[1]
                tier default (np/shop/db): allow by np/shop/db ingress[0]
            with staged policies: deny
              egress of shop/web: allow, no policy
              ingress of shop/db: deny
                tier first (gnp/first.passes): pass by gnp/first.passes ingress[1]
                tier default (calico/shop/closed, np/shop/db): deny by calico/shop/closed ingress[0]
            shop/web -> shop/db 53/udp: deny
              egress of shop/web: allow, no policy
              ingress of shop/db: deny
                tier first (gnp/first.passes): pass by gnp/first.passes ingress[1]
                tier default (np/shop/db): deny at its end, no rule decides
            ip:192.0.2.1 -> shop/web icmp type 8 code 0: allow
              egress of ip:192.0.2.1: no policed pod
              ingress of shop/web: allow, no policy
            with staged policies: deny
              egress of ip:192.0.2.1: no policed pod
              ingress of shop/web: deny
                tier default (calico/shop/closed): deny by calico/shop/closed ingress[0]
            shop/web -> shop/db 53/udp: deny
              egress of shop/web: allow, no policy
              ingress of shop/db: deny
                tier first (gnp/first.passes): pass by gnp/first.passes ingress[1]
                tier default (np/shop/db): deny at its end, no rule decides
            """);
  }

  /** What an API server takes apart from the rest. */
  private static void status(KubeApiServer server, String pod, String address) {
    ObjectNode status = JsonNodeFactory.instance.objectNode().put("phase", "Running");
    status.putArray("podIPs").addObject().put("ip", address);
    server.objects().mergeStatus("pods", "shop", pod, status);
  }

  @Test
  void explainsManifestsToAProgram() throws IOException {
    Path file = Files.writeString(directory.resolve("all.yaml"), KUBERNETES + CALICO);
    assertThat(run("shop/web", "shop/db", "5432/tcp", "-o", "json", "-f", file.toString()))
        .isZero();
    assertThat(printed())
        .isEqualTo(
            """
            {"from":"shop/web","to":"shop/db","ipFamily":"IPv4","protocol":"TCP","port":5432,"verdict":"allow","egress":{"verdict":"allow","default":"no policy","tiers":[]},"ingress":{"verdict":"allow","tiers":[{"tier":"first","policies":["gnp/first.passes"],"outcome":"pass","policy":"gnp/first.passes","rule":1},{"tier":"default","policies":["np/shop/db"],"outcome":"allow","policy":"np/shop/db","rule":0}]},"staged":{"verdict":"deny","egress":{"verdict":"allow","default":"no policy","tiers":[]},"ingress":{"verdict":"deny","tiers":[{"tier":"first","policies":["gnp/first.passes"],"outcome":"pass","policy":"gnp/first.passes","rule":1},{"tier":"default","policies":["calico/shop/closed","np/shop/db"],"outcome":"deny","policy":"calico/shop/closed","rule":0}]}}}
            """);
  }

  @Test
  void namesWhatIsWrong() throws IOException {
    Path file = Files.writeString(directory.resolve("all.yaml"), KUBERNETES);
    String[][] wrong = {
      {"shop/web", "shop/db", "x/tcp"},
      {"shop/web", "shop/db", "80/"},
      {"shop/web", "shop/db", "tcp"},
      {"shop/web", "shop/db", "http/80"},
      {"shop/web", "shop/none", "80/tcp"},
      {"web", "shop/db", "80/tcp"}
    };
    for (String[] probe : wrong) {
      assertThat(run(probe[0], probe[1], probe[2], "-f", file.toString())).isEqualTo(2);
    }
    assertThat(
            run("a/b", "a/b", "1/tcp", "--api-server", "http://127.0.0.1:1", "-f", file.toString()))
        .isEqualTo(2);
    assertThat(run("--api-server", "http://127.0.0.1:1", "a/b", "a/b", "1/tcp")).isEqualTo(1);
    assertThat(err.toString().lines().filter(line -> line.matches("(portolan:|Give).*")).toList())
        .containsExactly(
            "portolan: 'x/tcp' is no service: give PORT/PROTO such as 5432/tcp, icmp, or a"
                + " protocol",
            "portolan: '80/' is no service: give PORT/PROTO such as 5432/tcp, icmp, or a protocol",
            "portolan: port: is missing",
            "portolan: 'http/80' is no service: give PORT/PROTO such as 5432/tcp, icmp, or a"
                + " protocol",
            "portolan: to: there is no pod shop/none",
            "portolan: from: 'web' is neither NAMESPACE/POD nor ip:ADDRESS",
            "Give one of --kubeconfig, --api-server and -f",
            "portolan: listing namespaces: UNAVAILABLE: GET"
                + " http://127.0.0.1:1/api/v1/namespaces?limit=500: java.net.ConnectException");
    assertThat(printed()).isEmpty();
  }

  private int run(String... arguments) {
    System.setOut(new PrintStream(out, false, StandardCharsets.UTF_8));
    String[] all = new String[arguments.length + 2];
    all[0] = "policy";
    all[1] = "explain";
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return Portolan.commandLine().setErr(new PrintWriter(err, true)).execute(all);
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }
}
