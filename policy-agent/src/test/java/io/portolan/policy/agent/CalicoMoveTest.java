package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.kube.Backoff;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeEvent;
import io.portolan.common.kube.WatchOptions;
import io.portolan.policy.calico.CalicoKinds;
import io.portolan.sim.kube.ApiOptions;
import io.portolan.sim.kube.KubeApiServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calico moves its objects to the API that people use, step by step; no policy is ever lost. */
class CalicoMoveTest {
  private static final String USED = "projectcalico.org";
  private static final String STORED = "crd.projectcalico.org";
  private static final List<String> PLURALS =
      List.of("globalnetworkpolicies", "clusterinformations");
  private static final WatchOptions QUICK =
      new WatchOptions(
              500,
              new Backoff(Duration.ofMillis(5), Duration.ofMillis(20)),
              Duration.ofMinutes(5),
              Duration.ofSeconds(30))
          .withAbsence(Duration.ofMillis(20), Duration.ofHours(1));

  private KubeApiServer server;
  private KubeClient client;

  // Guarded by this.
  private final TreeSet<String> known = new TreeSet<>();
  private final List<String> history = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    server = KubeApiServer.start(ApiOptions.DEFAULT.withBookmarkInterval(Duration.ofMillis(50)));
    client = KubeClient.to(server.url(), Optional.empty(), "calico-test");
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private synchronized void hear(KubeEvent<JsonNode> event) {
    switch (event) {
      case KubeEvent.Synced<JsonNode> all -> {
        known.clear();
        all.objects().forEach(this::add);
      }
      case KubeEvent.Upsert<JsonNode> one -> add(one.object());
      case KubeEvent.Delete<JsonNode> one -> known.remove(one.key().name());
      case KubeEvent.Disconnected<JsonNode> _, KubeEvent.Resumed<JsonNode> _ -> {}
    }
    if (history.isEmpty() || !history.getLast().equals(known.toString())) {
      history.add(known.toString());
    }
  }

  private void add(JsonNode object) {
    known.add(ClusterFeeds.key(object).name());
  }

  private synchronized List<String> history() {
    return List.copyOf(history);
  }

  private void awaitKnown(String wanted) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (System.nanoTime() < deadline
        && (history().isEmpty() || !history().getLast().equals(wanted))) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    assertThat(history().getLast()).isEqualTo(wanted);
  }

  private void install(String group, String version) {
    for (String plural : PLURALS) {
      String kind = plural.startsWith("cluster") ? "ClusterInformation" : "GlobalNetworkPolicy";
      server
          .objects()
          .create(
              """
              apiVersion: apiextensions.k8s.io/v1
              kind: CustomResourceDefinition
              metadata: {name: %s.%s}
              spec:
                group: %s
                scope: Cluster
                names: {plural: %s, singular: %s, kind: %s}
                versions:
                - name: %s
                  served: true
                  storage: true
                  schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
              """
                  .formatted(
                      plural, group, group, plural, kind.toLowerCase(Locale.ROOT), kind, version));
    }
  }

  private void policy(String apiVersion, String name) {
    server
        .objects()
        .create(
            "{apiVersion: %s, kind: GlobalNetworkPolicy, metadata: {name: %s}, spec: {}}"
                .formatted(apiVersion, name));
  }

  private void information(String apiVersion, boolean ready) {
    server
        .objects()
        .create(
            "{apiVersion: %s, kind: ClusterInformation, metadata: {name: default}, spec: {datastoreReady: %s}}"
                .formatted(apiVersion, ready));
  }

  private void ready(String group, boolean ready) {
    ObjectNode patch = new ObjectMapper().createObjectNode();
    patch.putObject("spec").put("datastoreReady", ready);
    server.objects().merge("clusterinformations." + group, "", "default", patch);
  }

  private void delete(String group, String plural, String name) {
    server.objects().delete(plural + "." + group, "", name);
  }

  /** The group that people use is a view of what is stored, until its server is taken away. */
  @Test
  void noPolicyIsLostOnTheWay() throws Exception {
    install(STORED, "v1");
    install(USED, "v3");
    information("crd.projectcalico.org/v1", true);
    policy("crd.projectcalico.org/v1", "default.a");
    policy("crd.projectcalico.org/v1", "default.b");
    information("projectcalico.org/v3", true);
    policy("projectcalico.org/v3", "a");
    policy("projectcalico.org/v3", "b");
    try (EitherGroup group =
            new EitherGroup(client, CalicoKinds.own("globalnetworkpolicies"), this::hear, QUICK);
        CalicoDatastore _ = new CalicoDatastore(client, QUICK, group::follow)) {
      awaitKnown("[a, b]");
      ready(STORED, false);
      ready(USED, false);
      // Calico waits for 10 seconds; we, for a sign that its lock was noticed.
      awaitStored();
      for (String name : List.of("a", "b")) {
        delete(USED, "globalnetworkpolicies", name);
      }
      delete(USED, "clusterinformations", "default");
      server.faults().dropWatches();
      information("projectcalico.org/v3", false);
      policy("projectcalico.org/v3", "a");
      policy("projectcalico.org/v3", "b");
      ready(USED, true);
      policy("projectcalico.org/v3", "z");
      awaitKnown("[a, b, z]");
      delete(STORED, "globalnetworkpolicies", "default.a");
      delete(USED, "globalnetworkpolicies", "b");
      awaitKnown("[a, z]");
    }
    assertThat(history())
        .containsExactly("[a, b]", "[a, b, mark]", "[a, b]", "[a, b, z]", "[a, z]");
  }

  private void awaitStored() throws InterruptedException {
    policy("crd.projectcalico.org/v1", "default.mark");
    awaitKnown("[a, b, mark]");
    delete(STORED, "globalnetworkpolicies", "default.mark");
    awaitKnown("[a, b]");
  }
}
