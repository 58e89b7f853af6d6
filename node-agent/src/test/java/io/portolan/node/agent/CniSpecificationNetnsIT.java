package io.portolan.node.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The sentences of the CNI specification 1.1 on plugins, through the shim and the agent. */
@Timeout(300)
class CniSpecificationNetnsIT {
  @TempDir Path directory;
  private TestNode node;

  @BeforeEach
  void start() throws Exception {
    assumeThat(System.getProperty("user.name")).as("namespaces need root").isEqualTo("root");
    node =
        new TestNode(
            directory, List.of("--policy", "off", "--cooldown", "0", "--address-timeout", "5"));
    node.supplyOfTwo(1, List.of("10.0.1.1", "10.0.1.2"), List.of("10.0.2.1", "10.0.2.2"));
    node.awaitSupply();
  }

  @AfterEach
  void stop() throws Exception {
    if (node != null) {
      node.close();
    }
  }

  private TestNode.Ran added(String id, String ifName, String config) throws Exception {
    TestNode.Ran ran = node.cni("ADD", id, ifName, config);
    assertThat(ran.exitCode()).as(ran.output()).isZero();
    return ran;
  }

  private static Map<String, String> environment(String command, String id) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("CNI_COMMAND", command);
    environment.put("CNI_CONTAINERID", id);
    environment.put("CNI_IFNAME", "eth0");
    return environment;
  }

  private static String config(String version) {
    return "{\"cniVersion\":\"" + version + "\",\"name\":\"" + TestNode.NETWORK + "\"}";
  }

  @Test
  void everyVersionGetsItsResultAndItsErrors() throws Exception {
    Path netns = node.container("a");
    for (String version : List.of("0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0")) {
      Map<String, String> environment = environment("ADD", "a");
      environment.put("CNI_NETNS", netns.toString());
      TestNode.Ran ran = node.run(environment, config(version));
      assertThat(ran.exitCode()).as(ran.output()).isZero();
      JsonNode result = TestNode.json(ran.output());
      assertThat(result.path("cniVersion").asText()).isEqualTo(version);
      assertThat(result.at("/interfaces/1/name").asText()).isEqualTo("eth0");
      assertThat(result.at("/interfaces/1/sandbox").asText()).isEqualTo(netns.toString());
      assertThat(result.at("/interfaces/0").has("sandbox")).isFalse();
      assertThat(result.at("/interfaces/1").has("mtu")).isEqualTo(version.equals("1.1.0"));
      assertThat(result.at("/ips/0").has("version")).isEqualTo(version.startsWith("0."));
      assertThat(result.at("/ips/0/interface").asInt()).isEqualTo(1);

      JsonNode again = TestNode.json(node.run(environment, config(version)).output());
      assertThat(again.path("cniVersion").asText()).isEqualTo(version);
      assertThat(again.path("code").asInt()).isEqualTo(4);
      assertThat(again.path("msg").asText()).contains("CNI_CONTAINERID a").contains("CNI_IFNAME");
      if (!version.startsWith("0.3")) {
        environment.put("CNI_COMMAND", "CHECK");
        assertThat(
                node.run(
                    environment,
                    config(version).replace("}", ",\"prevResult\":" + ran.output().strip() + "}")))
            .isEqualTo(new TestNode.Ran(0, ""));
      }
      assertThat(node.run(environment("DEL", "a"), config(version)).ok()).isTrue();
      node.run(environment("DEL", "a"), config(version));
    }
    assertThat(node.run(Map.of("CNI_COMMAND", "VERSION"), "{\"cniVersion\":\"1.0.0\"}"))
        .isEqualTo(
            new TestNode.Ran(
                0,
                "{\"cniVersion\":\"1.0.0\",\"supportedVersions\":"
                    + "[\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}\n"));
    assertThat(node.run(environment("ADD", "a"), config("9.9.9")).output())
        .startsWith("{\"cniVersion\":\"9.9.9\",\"code\":1,");
  }

  @Test
  void addPassesOnWhatItIsGivenAndIgnoresWhatIsNotForIt() throws Exception {
    node.container("a");
    JsonNode result =
        TestNode.json(
            added(
                    "a",
                    "eth0",
                    """
                    ,"type":"portolan-cni","vendor.example/key":{"any":["thing",1]},
                     "args":{"cni":{"labels":[]}},"capabilities":{"portMappings":true},
                     "runtimeConfig":{"portMappings":[{"hostPort":8080,"containerPort":80}],
                      "bandwidth":{"ingressRate":1},"cgroupPath":"/x"},
                     "dns":{"nameservers":["10.0.0.10"],"domain":"d","search":["s"],"options":["o"]},
                     "prevResult":{"cniVersion":"1.1.0",
                      "interfaces":[{"name":"lo","sandbox":"/x","pciID":"kept"}],
                      "ips":[{"address":"127.0.0.1/8","interface":0}],
                      "routes":[{"dst":"192.0.2.0/24","mtu":1400}]}
                    """)
                .output());
    assertThat(result.at("/dns").toString())
        .isEqualTo(
            "{\"nameservers\":[\"10.0.0.10\"],\"domain\":\"d\",\"search\":[\"s\"],"
                + "\"options\":[\"o\"]}");
    assertThat(result.at("/interfaces/0").toString())
        .isEqualTo("{\"name\":\"lo\",\"sandbox\":\"/x\",\"pciID\":\"kept\"}");
    assertThat(result.at("/interfaces/2/name").asText()).isEqualTo("eth0");
    assertThat(result.at("/ips/1/interface").asInt()).isEqualTo(2);
    assertThat(result.at("/routes/0").toString())
        .isEqualTo("{\"dst\":\"192.0.2.0/24\",\"mtu\":1400}");
    assertThat(result.at("/routes/1/dst").asText()).isEqualTo("0.0.0.0/0");
    assertThat(node.inContainer("a", "ip", "-o", "link", "show", "lo")).contains("UP");
    assertThat(node.inContainer("a", "ping", "-c1", "-W1", "127.0.0.1")).contains(" 0% packet");
  }

  @Test
  void addFailsWhereTheInterfaceExistsOrTheNamespaceIsTheNodesOwnAndLeavesNothing()
      throws Exception {
    node.container("a");
    node.inContainer("a", "ip", "link", "add", "eth0", "type", "veth", "peer", "own");
    assertThat(node.cni("ADD", "a").output())
        .contains("\"code\":4")
        .contains("CNI_IFNAME eth0: the container has an interface of this name");
    assertThat(node.inContainer("a", "ip", "-o", "link", "show", "eth0")).contains("eth0@own");
    for (String override : List.of("", "1", "TRUE")) {
      Map<String, String> environment = environment("ADD", "b");
      environment.put("CNI_NETNS", node.ownNamespace().toString());
      environment.put("CNI_NETNS_OVERRIDE", override);
      assertThat(node.run(environment, config("1.1.0")).output())
          .as("CNI_NETNS_OVERRIDE=%s", override)
          .contains("\"code\":4")
          .contains(
              "CNI_NETNS " + node.ownNamespace() + ": it is the node's own network namespace");
    }
    assertThat(node.inNode("ip", "route")).doesNotContain("10.0.1.");
    assertThat(node.inNode("ip", "-o", "link", "show", "group", "28783")).isEmpty();
  }

  @Test
  void delSucceedsWhateverIsMissing() throws Exception {
    List<Map<String, String>> without = new ArrayList<>();
    without.add(environment("DEL", "a"));
    without.add(environment("DEL", "a"));
    without.getLast().put("CNI_NETNS", "");
    without.add(environment("DEL", "a"));
    without.getLast().put("CNI_NETNS", "/run/netns/gone");
    for (Map<String, String> environment : without) {
      for (String extra :
          List.of("", ",\"prevResult\":null", ",\"prevResult\":[7],\"mtu\":\"x\"")) {
        node.container("a");
        added("a", "eth0", "");
        node.removeContainer("a");
        String config = config("1.1.0").replace("}", extra + "}");
        assertThat(node.run(environment, config)).isEqualTo(new TestNode.Ran(0, ""));
        assertThat(node.run(environment, config)).isEqualTo(new TestNode.Ran(0, ""));
        assertThat(node.inNode("ip", "route")).doesNotContain("10.0.1.");
      }
    }
    assertThat(node.cni("DEL", "never-seen").ok()).isTrue();
  }

  @Test
  void gcFreesWhatIsNotListedOfItsNetworkOnly() throws Exception {
    for (String id : List.of("a", "b", "c")) {
      node.container(id);
    }
    added("a", "eth0", "");
    added("a", "eth1", "");
    added("b", "eth0", "");
    Map<String, String> other = environment("ADD", "c");
    other.put("CNI_NETNS", "/run/netns/" + node.namespaceOf("c"));
    assertThat(node.run(other, config("1.1.0").replace(TestNode.NETWORK, "another")).ok()).isTrue();
    Map<String, String> gc = Map.of("CNI_COMMAND", "GC", "CNI_PATH", "/opt/cni/bin");
    assertThat(node.run(gc, config("1.1.0")).output())
        .contains("\"code\":7")
        .contains("GC needs the list cni.dev/valid-attachments");
    assertThat(addresses()).hasSize(4);
    String valid =
        config("1.1.0")
            .replace(
                "}",
                ",\"cni.dev/valid-attachments\":[{\"containerID\":\"a\",\"ifname\":\"eth1\"},"
                    + "{\"containerID\":\"gone\",\"ifname\":\"eth0\"}]}");
    node.removeContainer("b");
    assertThat(node.run(gc, valid)).isEqualTo(new TestNode.Ran(0, ""));
    assertThat(addresses()).hasSize(2);
    assertThat(node.inContainer("a", "ip", "-o", "addr", "show", "eth1")).contains("10.0.");
    assertThat(node.inContainer("c", "ip", "-o", "addr", "show", "eth0")).contains("10.0.");
    assertThat(node.run(gc, valid)).as("again").isEqualTo(new TestNode.Ran(0, ""));
    node.container("d");
    added("d", "eth0", "");
  }

  private List<String> addresses() throws Exception {
    return node.inNode("ip", "route").lines().filter(l -> l.startsWith("10.0.")).toList();
  }

  @Test
  void statusTellsWhetherRunningPodsAreConcernedAndIsNoPreconditionOfAnything() throws Exception {
    Map<String, String> status = Map.of("CNI_COMMAND", "STATUS");
    node.container("a");
    added("a", "eth0", "");
    for (int i = 0; i < 3; i++) {
      node.container("full" + i);
      added("full" + i, "eth0", "");
    }
    // An empty pool is filled when pods come; none would come to a node that is not ready.
    assertThat(node.run(status, config("1.1.0"))).isEqualTo(new TestNode.Ran(0, ""));
    node.kube()
        .objects()
        .mergeStatus(
            "nodenetworks.portolan.io",
            "",
            TestNode.NODE,
            TestNode.json("{\"supply\":{\"revision\":2,\"interfaces\":[]}}"));
    TestNode.Ran ran = node.run(status, config("1.1.0"));
    Instant deadline = Instant.now().plusSeconds(60);
    while (ran.ok() && Instant.now().isBefore(deadline)) {
      ran = node.run(status, config("1.1.0"));
    }
    assertThat(ran)
        .isEqualTo(
            new TestNode.Ran(
                1,
                "{\"cniVersion\":\"1.1.0\",\"code\":51,\"msg\":\"the cloud has not given this node"
                    + " any interface or block yet\"}\n"));
    assertThat(node.cni("DEL", "a")).isEqualTo(new TestNode.Ran(0, ""));
    for (int i = 0; i < 3; i++) {
      assertThat(node.cni("DEL", "full" + i)).isEqualTo(new TestNode.Ran(0, ""));
    }
    assertThat(node.run(status, config("1.1.0")).output()).contains("\"code\":50");
  }

  @Test
  void metricsTellOfCallsWaitsThePoolAndTheDisk() throws Exception {
    node.container("a");
    added("a", "eth0", "");
    node.cni("ADD", "a");
    node.run(Map.of("CNI_COMMAND", "FROB"), "{}");
    String metrics = node.inNode("curl", "-s", "http://127.0.0.1:9180/metrics");
    assertThat(metrics.lines().filter(l -> !l.startsWith("#") && !l.contains("_bucket")).toList())
        .contains(
            "portolan_cni_call_seconds_count{code=\"0\",command=\"ADD\",component=\"portolan-agent\"}"
                + " 1",
            "portolan_cni_call_seconds_count{code=\"4\",command=\"ADD\",component=\"portolan-agent\"}"
                + " 1",
            "portolan_cni_call_seconds_count{code=\"4\",command=\"unknown\","
                + "component=\"portolan-agent\"} 1",
            "portolan_cni_address_wait_seconds_count{component=\"portolan-agent\"} 1",
            "portolan_cni_waiting{component=\"portolan-agent\"} 0.0",
            "portolan_pool_addresses{component=\"portolan-agent\",state=\"free\"} 3.0",
            "portolan_pool_addresses{component=\"portolan-agent\",state=\"held\"} 1.0",
            "portolan_pool_addresses{component=\"portolan-agent\",state=\"orphaned\"} 0.0",
            "portolan_pool_addresses{component=\"portolan-agent\",state=\"resting\"} 0.0");
    assertThat(metrics)
        .contains("portolan_journal_sync_seconds_bucket{component=\"portolan-agent\",le=");
  }

  /** The devices of both interfaces: as long as one is missing, the agent puts rules back. */
  private void devices() throws Exception {
    for (int i = 1; i <= 2; i++) {
      String mac = "02:00:00:00:00:0" + i;
      node.inNode(
          ("ip link add eth" + i + " address " + mac + " type veth peer name port" + i).split(" "));
      node.inNode("ip", "link", "set", "port" + i, "up");
      node.inNode("ip", "link", "set", "eth" + i, "up");
    }
    Instant deadline = Instant.now().plusSeconds(60);
    while (!node.inNode("ip", "route", "show", "table", "2").contains("default")) {
      assertThat(Instant.now()).as("waiting for the table of eth2").isBefore(deadline);
    }
  }

  @Test
  void checkFindsEveryDamage() throws Exception {
    devices();
    // The third address is the first of the secondary interface: it has all kinds of rules.
    node.container("x");
    added("x", "eth0", "");
    added("x", "eth1", "");
    node.container("a");
    TestNode.Ran result = added("a", "eth0", "");
    assertThat(result.output()).contains("10.0.2.1/32");
    String link = TestNode.json(result.output()).at("/interfaces/0/name").asText();
    String pod = TestNode.json(result.output()).at("/interfaces/1/mac").asText();
    good = ",\"prevResult\":" + result.output();
    assertThat(node.cni("CHECK", "a", "eth0", good)).isEqualTo(new TestNode.Ran(0, ""));

    inNode("ip route del 10.0.2.1", "ip route add 10.0.2.1 dev " + link + " scope link proto 112")
        .finds("the host's route to 10.0.2.1 is missing");
    inNode(
            "ip neigh replace 10.0.2.1 lladdr 02:00:00:00:00:09 nud permanent dev " + link,
            "ip neigh replace 10.0.2.1 lladdr " + pod + " nud permanent dev " + link)
        .finds("the host's neighbour entry of 10.0.2.1 is missing or wrong");
    inNode(
            "ip rule del from 10.0.2.1 priority 1536",
            "ip rule add from 10.0.2.1 lookup 2 priority 1536 protocol 112")
        .finds("the node's rule 1536: from 10.0.2.1/32 lookup 2");
    inNode(
            "ip rule del to 10.0.2.1 priority 512",
            "ip rule add to 10.0.2.1 lookup main priority 512 protocol 112")
        .finds("the node's rule 512: ");
    inNode("sysctl -qw net.ipv4.ip_forward=0", "sysctl -qw net.ipv4.ip_forward=1")
        .finds("net.ipv4.ip_forward of the node is off");
    inNode(
            "ip link set " + link + " address 02:00:00:00:00:09",
            "ip link set " + link + " address ee:ee:ee:ee:ee:ee",
            // The kernel forgets the neighbours of a link whose address changes.
            "ip neigh replace 10.0.2.1 lladdr " + pod + " nud permanent dev " + link)
        .finds(link + " has not the MAC address ee:ee:ee:ee:ee:ee");

    inPod(
            "ip link set eth0 address 02:00:00:00:00:09",
            "ip link set eth0 address " + pod,
            "ip neigh replace 169.254.1.1 lladdr ee:ee:ee:ee:ee:ee nud permanent dev eth0")
        .finds("eth0 has not the MAC address " + pod);
    inPod(
            "ip neigh del 169.254.1.1 dev eth0",
            "ip neigh replace 169.254.1.1 lladdr ee:ee:ee:ee:ee:ee nud permanent dev eth0")
        .finds("the container's neighbour entry of its next hop 169.254.1.1 is missing or wrong");
    inPod("ip route del default", "ip route add default via 169.254.1.1 dev eth0")
        .finds("the container's default route by 169.254.1.1 is missing");

    // A later plugin of the chain may take the default route away; its result says so.
    node.inContainer("a", "ip", "route", "del", "default");
    String routes = TestNode.json(result.output()).at("/routes").toString();
    assertThat(node.cni("CHECK", "a", "eth0", good.replace(routes, "[]")))
        .isEqualTo(new TestNode.Ran(0, ""));
    assertThat(node.cni("CHECK", "a", "eth0", good.replace("10.0.2.1/32", "10.0.2.9/32")).output())
        .contains("10.0.2.9 of prevResult is not this attachment's address")
        .contains("10.0.2.1 is missing from prevResult");
    node.inContainer("a", "ip", "link", "set", "eth0", "down");
    assertThat(node.cni("CHECK", "a", "eth0", good).output()).contains("eth0 is down");
    node.inContainer("a", "ip", "link", "del", "eth0");
    assertThat(node.cni("CHECK", "a", "eth0", good).output())
        .contains("the host interface " + link + " is missing")
        .contains("the container has no interface eth0");
  }

  private Damage inNode(String damage, String... repairs) {
    return new Damage(command -> node.inNode(command.split(" ")), damage, List.of(repairs));
  }

  private Damage inPod(String damage, String... repairs) {
    return new Damage(
        command -> node.inContainer("a", command.split(" ")), damage, List.of(repairs));
  }

  private TestNode.Ran check() throws Exception {
    return node.cni("CHECK", "a", "eth0", good);
  }

  /** The result of ADD as configuration for CHECK. */
  private String good = "";

  /** A damage and its repair: CHECK reports the one and is content after the other. */
  private final class Damage {
    private final Shell shell;
    private final String damage;
    private final List<String> repairs;

    Damage(Shell shell, String damage, List<String> repairs) {
      this.shell = shell;
      this.damage = damage;
      this.repairs = repairs;
    }

    void finds(String defect) throws Exception {
      assertThat(shell.run(damage)).as(damage).isEmpty();
      TestNode.Ran found = check();
      assertThat(TestNode.json(found.output()).path("code").asInt()).as(defect).isEqualTo(100);
      assertThat(TestNode.json(found.output()).path("details").asText()).startsWith(defect);
      for (String repair : repairs) {
        assertThat(shell.run(repair)).as(repair).isEmpty();
      }
      assertThat(check()).as("after repair of: %s", defect).isEqualTo(new TestNode.Ran(0, ""));
    }
  }

  private interface Shell {
    String run(String command) throws Exception;
  }
}
