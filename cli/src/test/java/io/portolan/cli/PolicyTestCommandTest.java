package io.portolan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyTestCommandTest {
  private static final String PODS =
      """
      # Two pods, one behind a policy.
      ---
      apiVersion: v1
      kind: Pod
      metadata:
        name: web
        namespace: shop
        labels: {app: web}
      status:
        podIPs: [{ip: 10.0.0.1}]
      ---
      apiVersion: v1
      kind: Pod
      metadata:
        name: db
        namespace: shop
        labels: {app: db}
      status:
        podIPs: [{ip: 10.0.0.2}]
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: db, namespace: shop}
      """;
  private static final String POLICY =
      """
      {"kind":"List","apiVersion":"v1","items":[
        {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy",
         "metadata":{"name":"db","namespace":"shop"},
         "spec":{"podSelector":{"matchLabels":{"app":"db"}},"ingress":[{"ports":[{"port":5432}]}]}}
      ]}
      """;
  private static final String PROBES =
      """
      {"from":"shop/web","to":"shop/db","protocol":"TCP","port":5432}
      {"from":"shop/web","to":"shop/db","protocol":"TCP","port":80}
      {"from":"ip:1.1.1.1","to":"ip:10.0.0.2","protocol":"ICMP"}
      {"from":"ip:1.1.1.1","to":"ip:2.2.2.2","protocol":50}
      """;

  private final PrintStream standardOutput = System.out;
  private final InputStream standardInput = System.in;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final StringWriter err = new StringWriter();

  @TempDir private Path directory = Path.of("");

  @AfterEach
  void giveBack() {
    System.setOut(standardOutput);
    System.setIn(standardInput);
  }

  @Test
  void answersAPerson() throws IOException {
    write("cluster/pods.yaml", PODS);
    write("cluster/policies/db.json", POLICY);
    Path probes = write("probes.jsonl", PROBES);
    assertThat(run("-f", directory.resolve("cluster").toString(), "--probes", probes.toString()))
        .isZero();
    assertThat(printed())
        .isEqualTo(
            """
            shop/web -> shop/db 5432/tcp: allow, decided by egress: no policy; ingress: np/shop/db ingress[0] in tier default
            shop/web -> shop/db 80/tcp: deny, decided by ingress: end of tier default
            ip:1.1.1.1 -> ip:10.0.0.2 icmp type 8 code 0: deny, decided by ingress: end of tier default
            ip:1.1.1.1 -> ip:2.2.2.2 protocol 50: allow, neither end is a policed pod
            """);
    assertThat(errors())
        .isEqualTo(
            "portolan: cluster/pods.yaml: line 21: Deployment shop/db: left out, policy does not"
                + " depend on it\n");
  }

  @Test
  void answersAProgram() throws IOException {
    Path pods = write("pods.yaml", PODS.substring(0, PODS.lastIndexOf("---")));
    Path policy = write("db.json", POLICY);
    System.setIn(new ByteArrayInputStream(PROBES.getBytes(StandardCharsets.UTF_8)));
    assertThat(run("-f", pods.toString(), policy.toString(), "--probes", "-", "-o", "json"))
        .isZero();
    assertThat(printed())
        .isEqualTo(
            """
            {"from":"shop/web","to":"shop/db","protocol":"TCP","port":5432,"egress":"allow","ingress":"allow","verdict":"allow","decidedBy":{"egress":{"default":"no policy"},"ingress":{"tier":"default","policy":"np/shop/db","rule":0}}}
            {"from":"shop/web","to":"shop/db","protocol":"TCP","port":80,"egress":"allow","ingress":"deny","verdict":"deny","decidedBy":{"egress":{"default":"no policy"},"ingress":{"tier":"default","default":"end of tier"}}}
            {"from":"ip:1.1.1.1","to":"ip:10.0.0.2","protocol":"ICMP","egress":"-","ingress":"deny","verdict":"deny","decidedBy":{"egress":null,"ingress":{"tier":"default","default":"end of tier"}}}
            {"from":"ip:1.1.1.1","to":"ip:2.2.2.2","protocol":50,"egress":"-","ingress":"-","verdict":"allow","decidedBy":{"egress":null,"ingress":null}}
            """);
    assertThat(errors()).isEmpty();
  }

  @Test
  void answersCompressedCases() throws IOException {
    Path cases = directory.resolve("cases.jsonl.gz");
    try (OutputStream file = new GZIPOutputStream(Files.newOutputStream(cases))) {
      file.write(
          """
          {"id":"a","step":0,"objects":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"status":{"podIP":"10.0.0.1"}}],"probes":[{"from":"ip:1.1.1.1","to":"default/p","protocol":"TCP","port":1}]}
          {"id":"a","step":1,"objects":[],"probes":[{"from":"ip:1.1.1.1","to":"ip:10.0.0.1","protocol":"TCP","port":1}]}
          """
              .getBytes(StandardCharsets.UTF_8));
    }
    assertThat(run("--cases", cases.toString())).isZero();
    assertThat(printed())
        .isEqualTo(
            """
            {"id":"a","step":0,"from":"ip:1.1.1.1","to":"default/p","protocol":"TCP","port":1,"egress":"-","ingress":"allow","verdict":"allow","decidedBy":{"egress":null,"ingress":{"default":"no policy"}}}
            {"id":"a","step":1,"from":"ip:1.1.1.1","to":"ip:10.0.0.1","protocol":"TCP","port":1,"egress":"-","ingress":"-","verdict":"allow","decidedBy":{"egress":null,"ingress":null}}
            """);
  }

  @Test
  void namesWhatIsWrong() throws IOException {
    Path probes = write("probes.jsonl", "{\"from\":\"shop/web\"}\n" + PROBES);
    Path pods = write("pods.yaml", PODS.substring(0, PODS.lastIndexOf("---")));
    Path unknown = write("unknown.yaml", PODS.replace("kind: Deployment", "kind: Gadget"));
    Path address = write("address.yml", PODS.replace("10.0.0.2", "10.0.0.2.3"));
    Path text = write("text.yaml", "a: b\nc: [\n");
    Path twice = write("twice.yaml", "a: b\na: c\n");
    Path none = directory.resolve("none.yaml");
    for (Path manifest : new Path[] {unknown, address, text, twice, none, pods}) {
      assertThat(run("-f", manifest.toString(), "--probes", probes.toString())).isEqualTo(2);
    }
    assertThat(printed().lines().findFirst()).contains("error: line 1: to: is missing");
    assertThat(errors())
        .isEqualTo(
            """
            portolan: unknown.yaml: line 21: Gadget shop/db: kind Gadget (apps/v1) is not known; there are: ClusterNetworkPolicy (policy.networking.k8s.io/v1alpha2), EndpointSlice (discovery.k8s.io/v1), FelixConfiguration (projectcalico.org/v3), GlobalNetworkPolicy (projectcalico.org/v3), GlobalNetworkSet (projectcalico.org/v3), HostEndpoint (projectcalico.org/v3), Namespace (v1), NetworkPolicy (networking.k8s.io/v1), NetworkPolicy (projectcalico.org/v3), NetworkSet (projectcalico.org/v3), Node (v1), Pod (v1), Service (v1), ServiceAccount (v1), StagedGlobalNetworkPolicy (projectcalico.org/v3), StagedKubernetesNetworkPolicy (projectcalico.org/v3), StagedNetworkPolicy (projectcalico.org/v3), Tier (projectcalico.org/v3)
            portolan: address.yml: line 12: Pod shop/db: status.podIPs[0].ip: '10.0.0.2.3' is no address
            portolan: text.yaml: line 2: no YAML or JSON: while parsing a flow node, expected the node content, but found '<stream end>'
            portolan: twice.yaml: line 2: no YAML or JSON: Duplicate field 'a'
            portolan: -f none.yaml: there is no such file to read
            portolan: probes.jsonl: 1 of 5 answers are errors, the first is line 1: to: is missing
            """);
  }

  @Test
  void showsWhichConnectionsAChangeAllowsOrDenies() throws IOException {
    Path pods = write("pods.yaml", PODS.substring(0, PODS.lastIndexOf("---")));
    Path old = write("old.json", POLICY);
    Path next =
        write(
            "new.json",
            POLICY.replace("{\"port\":5432}", "{\"port\":5433},{\"protocol\":\"UDP\"}"));
    String[] sets = {
      "-f", pods.toString(), old.toString(), "--against", pods.toString(), next.toString()
    };
    assertThat(runPolicy("diff", sets)).isZero();
    assertThat(printed())
        .isEqualTo(
            """
            shop/web -> shop/db 5432/tcp: allow becomes deny, decided by ingress: end of tier default
            shop/web -> shop/db 5433/tcp: deny becomes allow, decided by egress: no policy; ingress: np/shop/db ingress[0] in tier default
            shop/web -> shop/db 65535/udp: deny becomes allow, decided by egress: no policy; ingress: np/shop/db ingress[0] in tier default
            """);
    assertThat(errors()).isEqualTo("portolan: 3 of 8 connections change\n");
    out.reset();
    List<String> json = new ArrayList<>(List.of(sets));
    json.addAll(List.of("-o", "json"));
    assertThat(runPolicy("diff", json.toArray(String[]::new))).isZero();
    assertThat(printed().lines().findFirst())
        .contains(
            "{\"from\":\"shop/web\",\"to\":\"shop/db\",\"ipFamily\":\"IPv4\",\"protocol\":\"TCP\","
                + "\"port\":5432,\"before\":\"allow\",\"after\":\"deny\",\"decidedBy\":{\"egress\":{\"default\":\"no"
                + " policy\"},\"ingress\":{\"tier\":\"default\",\"default\":\"end of tier\"}}}");
  }

  @Test
  void showsWhichConnectionsStagedPoliciesWouldAllowOrDeny() throws IOException {
    Path pods = write("pods.yaml", PODS.substring(0, PODS.lastIndexOf("---")));
    Path staged =
        write(
            "staged.yaml",
            """
            apiVersion: projectcalico.org/v3
            kind: StagedNetworkPolicy
            metadata: {name: db, namespace: shop}
            spec: {selector: "app == 'db'", ingress: [{action: Deny, protocol: TCP}, {action: Allow}]}
            """);
    assertThat(runPolicy("diff", "--staged", "-f", pods.toString(), staged.toString())).isZero();
    assertThat(printed())
        .isEqualTo(
            "shop/web -> shop/db 65535/tcp: allow becomes deny, decided by ingress:"
                + " calico/shop/db ingress[0] in tier default\n");
    assertThat(errors()).isEqualTo("portolan: 1 of 2 connections change\n");
    out.reset();
    Path probes =
        write(
            "probes.jsonl",
            "{\"from\":\"shop/web\",\"to\":\"shop/db\",\"protocol\":\"TCP\",\"port\":80}\n");
    assertThat(run("-f", pods.toString(), staged.toString(), "--probes", probes.toString()))
        .isZero();
    assertThat(printed())
        .isEqualTo(
            "shop/web -> shop/db 80/tcp: allow, decided by egress: no policy; ingress: no policy;"
                + " with staged policies: deny, decided by ingress: calico/shop/db ingress[0] in"
                + " tier default\n");
    assertThat(runPolicy("diff", "-f", pods.toString())).isEqualTo(2);
    assertThat(runPolicy("diff", "--staged", "-f", pods.toString(), "--against", pods.toString()))
        .isEqualTo(2);
  }

  @Test
  void saysWhatItNeeds() throws IOException {
    assertThat(run()).isEqualTo(2);
    assertThat(run("--cases", "-", "--probes", "-")).isEqualTo(2);
    assertThat(run("--cases", directory.resolve("none").toString())).isEqualTo(2);
    assertThat(errors().lines().filter(line -> line.matches("(Give|--cases) .*"))).hasSize(3);
    assertThat(printed()).isEmpty();
  }

  private Path write(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.resolveSibling("."));
    return Files.writeString(file, text);
  }

  private int run(String... arguments) {
    return runPolicy("test", arguments);
  }

  private int runPolicy(String command, String... arguments) {
    System.setOut(new PrintStream(out, false, StandardCharsets.UTF_8));
    String[] all = new String[arguments.length + 2];
    all[0] = "policy";
    all[1] = command;
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return Portolan.commandLine().setErr(new PrintWriter(err, true)).execute(all);
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Without the name of the directory, which is another one each time. */
  private String errors() {
    return err.toString().replace(directory + "/", "");
  }
}
