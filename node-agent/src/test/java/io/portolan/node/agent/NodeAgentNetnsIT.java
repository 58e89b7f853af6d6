package io.portolan.node.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The agent as a process, the shim as the runtime runs it, links and packets in the kernel. */
@Timeout(600)
class NodeAgentNetnsIT {
  private static final Pattern ADDRESS = Pattern.compile("\"address\":\"(10\\.0\\.[0-9.]+)/32\"");

  @TempDir Path directory;
  private TestNode node;

  @BeforeEach
  void start() throws Exception {
    assumeThat(System.getProperty("user.name")).as("namespaces need root").isEqualTo("root");
    node =
        new TestNode(
            directory, List.of("--policy", "off", "--cooldown", "1", "--address-timeout", "5"));
  }

  @AfterEach
  void stop() throws Exception {
    if (node != null) {
      node.close();
    }
  }

  private static List<String> addresses(int count) {
    return IntStream.range(0, count).mapToObj(i -> "10.0.1." + (i + 1)).toList();
  }

  private static String address(TestNode.Ran ran) {
    Matcher matcher = ADDRESS.matcher(ran.output());
    assertThat(matcher.find()).as(ran.toString()).isTrue();
    return matcher.group(1);
  }

  private TestNode.Ran added(String id) throws Exception {
    node.container(id);
    TestNode.Ran ran = node.cni("ADD", id);
    assertThat(ran.exitCode()).as(ran.output()).isZero();
    return ran;
  }

  private void awaitSupply() throws Exception {
    TestNode.Ran status = node.cni("STATUS", "x");
    Instant deadline = Instant.now().plusSeconds(60);
    while (!status.ok() && Instant.now().isBefore(deadline)) {
      status = node.cni("STATUS", "x");
    }
    assertThat(status.ok()).as(status.output() + node.log()).isTrue();
  }

  @Test
  void connectsPodsAndTakesEverythingAwayAgain() throws Exception {
    assertThat(node.cni("STATUS", "x").output()).contains("\"code\":50");
    node.supply(1, addresses(4), List.of());
    awaitSupply();
    TestNode.Ran first = added("a");
    String a = address(first);
    String b = address(added("b"));
    assertThat(node.inContainer("a", "ping", "-c1", "-W2", b)).contains(" 0% packet loss");
    assertThat(node.inContainer("b", "ping", "-c1", "-W2", a)).contains(" 0% packet loss");
    assertThat(node.cni("CHECK", "a", "eth0", ",\"prevResult\":" + first.output()).output())
        .isEmpty();

    assertThat(node.cni("ADD", "a").output()).contains("\"code\":4").contains("already");
    node.inContainer("a", "ip", "addr", "flush", "dev", "eth0");
    assertThat(node.cni("CHECK", "a", "eth0", ",\"prevResult\":" + first.output()).output())
        .contains("\"code\":100")
        .contains("eth0 has not the address " + a + "/32");

    assertThat(node.cni("DEL", "a")).isEqualTo(new TestNode.Ran(0, ""));
    assertThat(node.cni("DEL", "a")).isEqualTo(new TestNode.Ran(0, ""));
    assertThat(node.inNode("ip", "route")).doesNotContain(a).contains(b);
    assertThat(node.cni("CHECK", "a", "eth0", ",\"prevResult\":" + first.output()).output())
        .contains("\"code\":3");
    // The name and the container's interface are free again at once.
    assertThat(node.cni("ADD", "a").exitCode()).isZero();
    assertThat(
            node.run(
                    Map.of("CNI_COMMAND", "GC", "CNI_PATH", "/opt/cni/bin"),
                    "{\"cniVersion\":\"1.1.0\",\"name\":\"portolan\",\"cni.dev/valid-attachments\":"
                        + "[{\"containerID\":\"b\",\"ifname\":\"eth0\"}]}")
                .output())
        .isEmpty();
    assertThat(node.inNode("ip", "route").lines().filter(l -> l.startsWith("10.0.1.")).toList())
        .singleElement()
        .asString()
        .startsWith(b + " dev eni");
    assertThat(node.cni("DEL", "b").ok()).isTrue();
    awaitNoLinks();
    assertThat(node.inNode("ip", "rule")).doesNotContain("10.0.1.");
  }

  private void awaitNoLinks() throws Exception {
    Instant deadline = Instant.now().plusSeconds(60);
    String links = node.inNode("ip", "-o", "link");
    while (links.contains("eni") && Instant.now().isBefore(deadline)) {
      links = node.inNode("ip", "-o", "link");
    }
    assertThat(links).doesNotContain("eni");
  }

  /** The link of the DEL before is deleted a little later, at any moment of this ADD. */
  @Test
  void addAfterDelFindsTheInterfaceFreeAtOnce() throws Exception {
    node.supply(1, addresses(64), List.of());
    awaitSupply();
    node.container("a");
    for (int i = 0; i < 60; i++) {
      TestNode.Ran ran = node.cni("ADD", "a");
      assertThat(ran.exitCode()).as("ADD %d: %s", i, ran.output()).isZero();
      assertThat(node.cni("DEL", "a").ok()).isTrue();
    }
  }

  @Test
  void givesAContainerASecondInterfaceOfTheSameNetwork() throws Exception {
    node.supply(1, addresses(4), List.of());
    awaitSupply();
    String first = address(added("a"));
    TestNode.Ran ran = node.cni("ADD", "a", "eth1", "");
    assertThat(ran.exitCode()).as(ran.output()).isZero();
    assertThat(address(ran)).isNotEqualTo(first);
    assertThat(node.inContainer("a", "ip", "-o", "-4", "addr"))
        .contains("eth0")
        .contains("eth1")
        .contains(address(ran));
  }

  @Test
  void saysClearlyWhatIsWrongAndLeavesNothing() throws Exception {
    node.supply(1, addresses(1), List.of());
    awaitSupply();
    assertThat(node.cni("ADD", "nowhere").output())
        .contains("\"code\":3")
        .contains("/run/netns/none does not exist");
    added("a");
    node.container("b");
    assertThat(node.cni("ADD", "b").output())
        .contains("\"code\":11")
        .contains("no address for pod default/pod-b within 5 s")
        .contains("1 held");
    node.container("c");
    Future<TestNode.Ran> waiting =
        Executors.newSingleThreadExecutor().submit(() -> node.cni("ADD", "c"));
    node.supply(2, addresses(2), List.of());
    assertThat(address(waiting.get(20, TimeUnit.SECONDS))).isEqualTo("10.0.1.2");
  }

  @Test
  void serves50AtOnceEachWithAnAddressOfItsOwn() throws Exception {
    node.supply(1, addresses(60), List.of());
    awaitSupply();
    Set<String> seen = new TreeSet<>();
    for (TestNode.Ran ran : parallel(IntStream.range(0, 50).mapToObj(i -> "p" + i).toList())) {
      assertThat(ran.exitCode()).as(ran.output()).isZero();
      assertThat(seen.add(address(ran))).isTrue();
    }
    assertThat(seen).hasSize(50);
  }

  private List<TestNode.Ran> parallel(List<String> ids) throws Exception {
    ids.forEach(node::container);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<TestNode.Ran>> calls = new ArrayList<>();
      ids.forEach(id -> calls.add(() -> node.cni("ADD", id)));
      List<TestNode.Ran> answers = new ArrayList<>();
      for (Future<TestNode.Ran> future : threads.invokeAll(calls)) {
        answers.add(future.get());
      }
      return answers;
    }
  }

  @Test
  void keepsPodsAndAddressesWhenKilledAtAnyMomentOfChurn() throws Exception {
    long seed =
        Long.getLong("portolan.seed") == null ? System.nanoTime() : Long.getLong("portolan.seed");
    System.out.println("portolan.seed=" + seed);
    Random random = new Random(seed);
    node.supply(1, addresses(30), List.of());
    awaitSupply();
    String survivor = address(added("survivor"));
    Map<String, String> running = new TreeMap<>();
    int next = 0;
    for (int round = 0; round < 6; round++) {
      List<Callable<Void>> churn = new ArrayList<>();
      Map<String, String> after = java.util.Collections.synchronizedMap(new TreeMap<>(running));
      for (String id : List.copyOf(running.keySet())) {
        if (random.nextBoolean()) {
          churn.add(() -> {
            if (node.cni("DEL", id).ok()) {
              after.remove(id);
            } else {
              after.put(id, "?");
            }
            return null;
          });
        }
      }
      for (int i = 0; i < 6; i++) {
        String id = "c" + next++;
        node.container(id);
        churn.add(() -> {
          TestNode.Ran ran = node.cni("ADD", id);
          after.put(id, ran.ok() ? address(ran) : "?");
          return null;
        });
      }
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<Void>> pending = churn.stream().map(threads::submit).toList();
        TimeUnit.MICROSECONDS.sleep(random.nextInt(30_000));
        node.killAgent();
        for (Future<Void> future : pending) {
          future.get(60, TimeUnit.SECONDS);
        }
      }
      node.startAgent();
      running = new TreeMap<>(after);
      for (Map.Entry<String, String> each : after.entrySet()) {
        // As the runtime does where it got no good answer: DEL.
        if (each.getValue().equals("?")) {
          assertThat(node.cni("DEL", each.getKey()).ok()).isTrue();
          running.remove(each.getKey());
        }
      }
      assertThat(new TreeSet<>(running.values())).hasSize(running.size());
      for (String address : running.values()) {
        assertThat(node.inContainer("survivor", "ping", "-c1", "-W2", address))
            .as("round %d, %s of %s, agent:%n%s", round, address, running, node.log())
            .contains(" 0% packet loss");
      }
      assertThat(node.inNode("ip", "route").lines().filter(l -> l.startsWith("10.0.1.")).count())
          .isEqualTo(running.size() + 1L);
    }
    assertThat(survivor).startsWith("10.0.1.");
    for (String id : running.keySet()) {
      assertThat(node.cni("DEL", id).ok()).isTrue();
    }
    assertThat(node.cni("DEL", "survivor").ok()).isTrue();
    awaitNoLinks();
  }
}
