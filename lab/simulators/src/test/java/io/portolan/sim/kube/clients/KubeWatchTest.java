package io.portolan.sim.kube.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.kube.Backoff;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeWatch;
import io.portolan.common.kube.NamespaceRecord;
import io.portolan.common.kube.PodRecord;
import io.portolan.common.kube.RecordDecoder;
import io.portolan.common.kube.ResourcePath;
import io.portolan.common.kube.WatchOptions;
import io.portolan.common.kube.WatchScope;
import io.portolan.sim.kube.ApiOptions;
import io.portolan.sim.kube.KubeApiServer;
import io.portolan.sim.kube.KubeObjects;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KubeWatchTest {
  private static final String CIRCLES =
      """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata: {name: circles.shapes.test}
      spec:
        group: shapes.test
        scope: Cluster
        names: {plural: circles, singular: circle, kind: Circle}
        versions:
        - name: v1
          served: true
          storage: true
          schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
      """;

  private static final WatchOptions QUICK =
      new WatchOptions(
          2,
          new Backoff(Duration.ofMillis(5), Duration.ofMillis(50)),
          Duration.ofMinutes(5),
          Duration.ofSeconds(30));

  private static final String DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io";

  private KubeApiServer server;
  private KubeObjects objects;
  private KubeClient client;

  @BeforeEach
  void start() throws IOException {
    server = KubeApiServer.start(ApiOptions.DEFAULT.withBookmarkInterval(Duration.ofMillis(50)));
    objects = server.objects();
    client = KubeClient.to(server.url(), Optional.empty(), "watch-test");
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private static String pod(String name, String node) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: %s, labels: {app: web, tier: front}}
    spec:
      nodeName: %s
      containers:
      - {name: c, image: i, ports: [{name: http, containerPort: 8080}, {containerPort: 53, protocol: UDP}]}
      initContainers:
      - {name: side, image: i, restartPolicy: Always, ports: [{containerPort: 9}]}
      - {name: init, image: i, ports: [{containerPort: 10}]}
    """
        .formatted(name, node);
  }

  private void running(String name, String ip) {
    objects.mergeStatus(
        "pods",
        "default",
        name,
        json(
            "{\"phase\":\"Running\",\"podIP\":\"%s\",\"podIPs\":[{\"ip\":\"%s\"}]}"
                .formatted(ip, ip)));
  }

  private static ObjectNode json(String text) {
    try {
      return (ObjectNode) new ObjectMapper().readTree(text);
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private KubeWatch<PodRecord> watchPods(Received<PodRecord> received) {
    return KubeWatch.start(
        client,
        WatchScope.all(ResourcePath.PODS),
        PodRecord.decoder(Set.of("keep")),
        received,
        QUICK);
  }

  @Test
  void deliversPagesThenChangesInOrder() throws Exception {
    for (String name : new String[] {"a", "b", "c", "d", "e"}) {
      objects.create(pod(name, "n1"));
    }
    Received<PodRecord> received = Received.pods();
    try (KubeWatch<PodRecord> _ = watchPods(received)) {
      assertThat(received.next())
          .isEqualTo(
              "synced [default/a PENDING [] on n1, default/b PENDING [] on n1, default/c PENDING []"
                  + " on n1, default/d PENDING [] on n1, default/e PENDING [] on n1]");
      running("a", "10.0.0.7");
      objects.deleteNow("pods", "default", "b");
      objects.create(pod("f", "n2"));
      assertThat(received.next()).isEqualTo("upsert default/a RUNNING [10.0.0.7] on n1");
      assertThat(received.next()).isEqualTo("delete default/b");
      assertThat(received.next()).isEqualTo("upsert default/f PENDING [] on n2");
    }
  }

  @Test
  void keepsOfAPodWhatNetworkingNeeds() throws Exception {
    objects.create(pod("a", "n1"));
    objects.merge(
        "pods",
        "default",
        "a",
        json("{\"metadata\":{\"annotations\":{\"keep\":\"1\",\"drop\":\"2\"}}}"));
    running("a", "2001:db8::1");
    Received<PodRecord> whole = new Received<>(PodRecord::name, PodRecord::toString);
    try (KubeWatch<PodRecord> _ = watchPods(whole)) {
      assertThat(whole.next().replaceAll("uid=[0-9a-f-]{36}", "uid=U"))
          .isEqualTo(
              "synced [PodRecord[key=default/a, uid=U, node=n1, phase=RUNNING, ips=[2001:db8::1],"
                  + " labels={app=web, tier=front}, annotations={keep=1}, hostNetwork=false,"
                  + " ports=[ContainerPort[name=http, protocol=TCP, port=8080],"
                  + " ContainerPort[name=, protocol=UDP, port=53],"
                  + " ContainerPort[name=, protocol=TCP, port=9]], serviceAccount=,"
                  + " terminating=false, started=1970-01-01T00:00:00Z]]");
    }
  }

  @Test
  void goesOnFromWhereItWasWhenTheStreamBreaks() throws Exception {
    Received<NamespaceRecord> received = Received.namespaces();
    try (KubeWatch<NamespaceRecord> _ = watchNamespaces(received)) {
      assertThat(received.next()).startsWith("synced [default ");
      server.faults().down(Duration.ofDays(1));
      objects.create("{apiVersion: v1, kind: Namespace, metadata: {name: meanwhile}}");
      assertThat(received.next()).isEqualTo("disconnected");
      server.faults().none();
      assertThat(received.next()).isEqualTo("resumed");
      assertThat(received.next()).startsWith("upsert meanwhile");
    }
  }

  @Test
  void listsAgainWhenItsVersionIsTooOld() throws Exception {
    Received<NamespaceRecord> received = Received.namespaces();
    try (KubeWatch<NamespaceRecord> _ = watchNamespaces(received)) {
      assertThat(received.next()).startsWith("synced ");
      server.faults().down(Duration.ofDays(1));
      objects.create("{apiVersion: v1, kind: Namespace, metadata: {name: meanwhile}}");
      objects.compact();
      assertThat(received.next()).isEqualTo("disconnected");
      server.faults().none();
      String synced = received.next();
      assertThat(synced).startsWith("synced ").contains("meanwhile");
    }
  }

  private KubeWatch<NamespaceRecord> watchNamespaces(Received<NamespaceRecord> received) {
    return KubeWatch.start(
        client,
        WatchScope.all(ResourcePath.NAMESPACES),
        NamespaceRecord.decoder(Set.of()),
        received,
        QUICK);
  }

  /** What need not be installed is empty until it is, and again when it is gone. */
  @Test
  void takesAnAbsentResourceForAnEmptyOne() throws Exception {
    Received<JsonNode> received =
        new Received<>(
            one -> one.path("metadata").path("name").asText(),
            one -> one.path("metadata").path("name").asText());
    try (KubeWatch<JsonNode> _ =
        KubeWatch.start(
            client,
            WatchScope.all(new ResourcePath("shapes.test", "v1", "circles")),
            RecordDecoder.ofTree(tree -> tree),
            received,
            QUICK.withAbsence(Duration.ofMillis(20), Duration.ZERO))) {
      assertThat(received.next()).isEqualTo("synced []");
      objects.create(CIRCLES);
      assertThat(received.next()).as("said once, then the list").isEqualTo("synced []");
      objects.create("{apiVersion: shapes.test/v1, kind: Circle, metadata: {name: round}}");
      assertThat(received.next()).isEqualTo("upsert round");
      serve("circles.shapes.test", false);
      assertThat(received.next()).as("without retention, gone at once").isEqualTo("synced []");
    }
  }

  /** An API server that starts, or an aggregated one that is replaced, denies what is there. */
  @Test
  void keepsWhatAResourceHadForAWhile() throws Exception {
    objects.create(CIRCLES);
    objects.create("{apiVersion: shapes.test/v1, kind: Circle, metadata: {name: round}}");
    Function<JsonNode, String> name = one -> one.path("metadata").path("name").asText();
    Received<JsonNode> patient = new Received<>(name, name);
    Received<JsonNode> hasty = new Received<>(name, name);
    WatchScope circles = WatchScope.all(new ResourcePath("shapes.test", "v1", "circles"));
    Duration again = Duration.ofMillis(20);
    try (KubeWatch<JsonNode> _ =
            KubeWatch.start(
                client,
                circles,
                RecordDecoder.ofTree(tree -> tree),
                patient,
                QUICK.withAbsence(again, Duration.ofDays(1)));
        KubeWatch<JsonNode> _ =
            KubeWatch.start(
                client,
                circles,
                RecordDecoder.ofTree(tree -> tree),
                hasty,
                QUICK.withAbsence(again, Duration.ofMillis(200)))) {
      assertThat(patient.next()).isEqualTo("synced [round]");
      assertThat(hasty.next()).isEqualTo("synced [round]");
      objects.create("{apiVersion: shapes.test/v1, kind: Circle, metadata: {name: small}}");
      assertThat(patient.next()).as("the stream is there").isEqualTo("upsert small");
      assertThat(hasty.next()).isEqualTo("upsert small");
      serve("circles.shapes.test", false);
      assertThat(patient.next()).isEqualTo("disconnected");
      assertThat(hasty.next()).isEqualTo("disconnected");
      assertThat(hasty.next()).as("by now it is believed").isEqualTo("synced []");
      serve("circles.shapes.test", true);
      assertThat(patient.next()).isEqualTo("synced [round, small]");
      assertThat(hasty.next()).isEqualTo("synced [round, small]");
    }
  }

  /** Serves a kind's only version, or not; whoever follows it has to ask again. */
  private void serve(String definition, boolean served) throws IOException {
    JsonNode now = objects.get(DEFINITIONS, "", definition).orElseThrow().deepCopy();
    ((ObjectNode) now.path("spec").path("versions").path(0)).put("served", served);
    ObjectNode patch = new ObjectMapper().createObjectNode();
    patch.putObject("spec").set("versions", now.path("spec").path("versions"));
    objects.merge(DEFINITIONS, "", definition, patch);
    server.faults().dropWatches();
  }

  @Test
  void cutsAStreamThatFellSilent() throws Exception {
    try (KubeApiServer silent =
            KubeApiServer.start(ApiOptions.DEFAULT.withBookmarkInterval(Duration.ofHours(1)));
        KubeClient toSilent = KubeClient.to(silent.url(), Optional.empty(), "watch-test")) {
      Received<NamespaceRecord> received = Received.namespaces();
      WatchOptions impatient =
          new WatchOptions(500, QUICK.backoff(), Duration.ofMinutes(5), Duration.ofMillis(1500));
      try (KubeWatch<NamespaceRecord> _ =
          KubeWatch.start(
              toSilent,
              WatchScope.all(ResourcePath.NAMESPACES),
              NamespaceRecord.decoder(Set.of()),
              received,
              impatient)) {
        assertThat(received.next()).startsWith("synced ");
        assertThat(received.next()).isEqualTo("disconnected");
        assertThat(received.next()).isEqualTo("resumed");
      }
    }
  }

  @Test
  void converges() throws Exception {
    long seed =
        Optional.ofNullable(System.getProperty("portolan.seed"))
            .filter(s -> !s.isEmpty())
            .map(Long::parseLong)
            .orElseGet(() -> new Random().nextLong(1_000_000));
    System.out.println("KubeWatchTest.converges: -Dportolan.seed=" + seed);
    Random random = new Random(seed);
    Received<PodRecord> received = Received.pods();
    try (KubeWatch<PodRecord> _ = watchPods(received)) {
      Map<String, String> expected = new TreeMap<>();
      server.faults().errors(0.1).throttle(0.05, 0).loseReplies(0.05);
      for (int i = 0; i < 400; i++) {
        String name = "p" + random.nextInt(30);
        String key = "default/" + name;
        if (!expected.containsKey(key)) {
          objects.create(pod(name, "n1"));
          expected.put(key, key + " PENDING [] on n1");
        } else if (random.nextBoolean()) {
          running(name, "10.0.0." + i % 250);
          expected.put(key, key + " RUNNING [10.0.0." + i % 250 + "] on n1");
        } else {
          objects.deleteNow("pods", "default", name);
          expected.remove(key);
        }
        if (random.nextInt(40) == 0) {
          server.faults().dropWatches();
        }
        if (random.nextInt(100) == 0) {
          objects.compact();
        }
      }
      server.faults().none();
      await(() -> received.state().equals(expected));
      assertThat(received.state()).isEqualTo(expected);
    }
  }

  @Test
  void noEventComesAfterClose() throws Exception {
    Received<NamespaceRecord> received = Received.namespaces();
    KubeWatch<NamespaceRecord> watch = watchNamespaces(received);
    assertThat(received.next()).startsWith("synced ");
    watch.close();
    await(() -> server.openWatches() == 0);
    Map<String, String> before = received.state();
    objects.create("{apiVersion: v1, kind: Namespace, metadata: {name: late}}");
    assertThat(received.state()).isEqualTo(before);
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      Thread.sleep(10);
    }
  }
}
