package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.kube.Backoff;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeEvent;
import io.portolan.common.kube.ObjectKey;
import io.portolan.common.kube.WatchOptions;
import io.portolan.policy.calico.CalicoKinds;
import io.portolan.policy.calico.InForce;
import io.portolan.sim.kube.ApiOptions;
import io.portolan.sim.kube.KubeApiServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A cluster with Calico's API, without it, and with one that comes and goes. */
class EitherGroupTest {
  private static final String DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io";
  private static final String USED = "globalnetworkpolicies.projectcalico.org";
  private static final String STORED = "globalnetworkpolicies.crd.projectcalico.org";
  private static final WatchOptions QUICK =
      new WatchOptions(
              500,
              new Backoff(Duration.ofMillis(5), Duration.ofMillis(20)),
              Duration.ofMinutes(5),
              Duration.ofSeconds(30))
          .withAbsence(Duration.ofMillis(20), Duration.ofMillis(100));

  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private KubeApiServer server;
  private KubeClient client;

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

  private EitherGroup follow() {
    return follow(QUICK);
  }

  private EitherGroup follow(WatchOptions options) {
    EitherGroup group =
        new EitherGroup(client, CalicoKinds.own("globalnetworkpolicies"), this::hear, options);
    group.follow(InForce.EITHER);
    return group;
  }

  private void hear(KubeEvent<JsonNode> event) {
    switch (event) {
      case KubeEvent.Synced<JsonNode>(List<JsonNode> all, boolean _) ->
          heard.add("all " + all.stream().map(o -> ClusterFeeds.key(o).name()).sorted().toList());
      case KubeEvent.Upsert<JsonNode>(JsonNode one) ->
          heard.add("+" + ClusterFeeds.key(one).name());
      case KubeEvent.Delete<JsonNode>(ObjectKey key, String _) -> heard.add("-" + key.name());
      // How often connections break is the machine's affair.
      case KubeEvent.Disconnected<JsonNode> _, KubeEvent.Resumed<JsonNode> _ -> {}
    }
  }

  private String next() throws InterruptedException {
    String line = heard.poll(10, TimeUnit.SECONDS);
    return line == null ? "nothing" : line;
  }

  private void install(String definition, String version) {
    String group = definition.substring(definition.indexOf('.') + 1);
    server
        .objects()
        .create(
            """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: %s}
            spec:
              group: %s
              scope: Cluster
              names: {plural: globalnetworkpolicies, singular: globalnetworkpolicy, kind: GlobalNetworkPolicy}
              versions:
              - name: %s
                served: true
                storage: true
                schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
            """
                .formatted(definition, group, version));
  }

  private void serve(boolean served) {
    ObjectNode definition = server.objects().get(DEFINITIONS, "", USED).orElseThrow().deepCopy();
    ((ObjectNode) definition.at("/spec/versions/0")).put("served", served);
    ObjectNode patch = new ObjectMapper().createObjectNode();
    patch.putObject("spec").set("versions", definition.at("/spec/versions"));
    server.objects().merge(DEFINITIONS, "", USED, patch);
    server.faults().dropWatches();
  }

  private void create(String apiVersion, String name) {
    server
        .objects()
        .create(
            "{apiVersion: %s, kind: GlobalNetworkPolicy, metadata: {name: %s}, spec: {}}"
                .formatted(apiVersion, name));
  }

  @Test
  void withNeitherThereIsNothingUntilOneComes() throws Exception {
    try (EitherGroup _ = follow()) {
      assertThat(next()).isEqualTo("all []");
      install(STORED, "v1");
      assertThat(next()).isEqualTo("all []");
      create("crd.projectcalico.org/v1", "default.a");
      assertThat(next()).isEqualTo("+a");
      server.objects().delete(STORED, "", "default.a");
      assertThat(next()).isEqualTo("-a");
    }
  }

  @Test
  void neverBoth() throws Exception {
    install(STORED, "v1");
    install(USED, "v3");
    create("crd.projectcalico.org/v1", "default.a");
    create("projectcalico.org/v3", "a");
    try (EitherGroup _ = follow()) {
      assertThat(next()).isEqualTo("all [a]");
      create("crd.projectcalico.org/v1", "default.unseen");
      create("projectcalico.org/v3", "b");
      assertThat(next()).isEqualTo("+b");
    }
  }

  @Test
  void goesFromOneToTheOtherWithoutForgetting() throws Exception {
    install(STORED, "v1");
    install(USED, "v3");
    create("crd.projectcalico.org/v1", "default.a");
    create("projectcalico.org/v3", "a");
    try (EitherGroup _ = follow()) {
      assertThat(next()).isEqualTo("all [a]");
      create("projectcalico.org/v3", "b");
      assertThat(next()).as("the stream is there").isEqualTo("+b");
      create("crd.projectcalico.org/v1", "default.b");
      serve(false);
      assertThat(next()).as("the stored ones, nothing in between").isEqualTo("all [a, b]");
      create("crd.projectcalico.org/v1", "default.c");
      assertThat(next()).isEqualTo("+c");
      serve(true);
      assertThat(next()).as("the preferred ones again").isEqualTo("+a");
      assertThat(next()).isEqualTo("+b");
      assertThat(next()).as("it was not among them").isEqualTo("-c");
    }
  }

  @Test
  void takesThePreferredOneWhenItComes() throws Exception {
    install(STORED, "v1");
    create("crd.projectcalico.org/v1", "default.a");
    try (EitherGroup _ = follow()) {
      assertThat(next()).isEqualTo("all [a]");
      install(USED, "v3");
      create("projectcalico.org/v3", "a");
      String preferred = next();
      // Its list may come before its first object.
      assertThat(preferred).isIn("all [a]", "all []");
      if (preferred.equals("all []")) {
        assertThat(next()).isEqualTo("+a");
      }
      create("crd.projectcalico.org/v1", "default.unseen");
      create("projectcalico.org/v3", "b");
      assertThat(next()).isEqualTo("+b");
    }
  }

  @Test
  void goesToTheStoredFormAtOnceAndNotBecauseOfAnOutage() throws Exception {
    install(STORED, "v1");
    install(USED, "v3");
    create("projectcalico.org/v3", "a");
    create("crd.projectcalico.org/v1", "default.b");
    try (EitherGroup _ = follow(QUICK.withRetention(Duration.ofHours(1)))) {
      assertThat(next()).isEqualTo("all [a]");
      server.faults().down(Duration.ofMillis(300));
      server.faults().errors(1);
      assertThat(heard.poll(1, TimeUnit.SECONDS)).as("whatever is wrong with the server").isNull();
      server.faults().none();
      create("projectcalico.org/v3", "c");
      assertThat(next()).isEqualTo("+c");
      create("crd.projectcalico.org/v1", "default.a");
      create("crd.projectcalico.org/v1", "default.c");
      serve(false);
      assertThat(next()).isEqualTo("all [a, b, c]");
    }
  }

  /** As where the stored form was emptied, or is of an installation that never was used. */
  @Test
  void keepsForAWhileWhatTheStoredFormLacks() throws Exception {
    install(STORED, "v1");
    install(USED, "v3");
    create("projectcalico.org/v3", "a");
    create("crd.projectcalico.org/v1", "default.a");
    Duration retention = Duration.ofSeconds(1);
    try (EitherGroup _ = follow(QUICK.withRetention(retention))) {
      assertThat(next()).isEqualTo("all [a]");
      create("projectcalico.org/v3", "b");
      assertThat(next()).as("the stream is there").isEqualTo("+b");
      long denied = System.nanoTime();
      serve(false);
      assertThat(next()).as("nothing is taken away").isEqualTo("+a");
      create("crd.projectcalico.org/v1", "default.c");
      assertThat(next()).isEqualTo("+c");
      assertThat(next()).isEqualTo("-b");
      assertThat(System.nanoTime() - denied).isGreaterThanOrEqualTo(retention.toNanos());
      server.objects().delete(STORED, "", "default.a");
      assertThat(next()).isEqualTo("-a");
    }
  }

  /** Its objects are made one after the other. */
  @Test
  void keepsForAWhileWhatThePreferredOneLacks() throws Exception {
    install(STORED, "v1");
    create("crd.projectcalico.org/v1", "default.a");
    create("crd.projectcalico.org/v1", "default.b");
    try (EitherGroup _ = follow(QUICK.withRetention(Duration.ofHours(1)))) {
      assertThat(next()).isEqualTo("all [a, b]");
      install(USED, "v3");
      create("projectcalico.org/v3", "b");
      assertThat(next()).isEqualTo("+b");
      server.objects().delete(USED, "", "b");
      assertThat(next()).as("seen there, so it is gone").isEqualTo("-b");
    }
  }

  @Test
  void goesWhereCalicoSaysItsObjectsAre() throws Exception {
    install(STORED, "v1");
    install(USED, "v3");
    create("crd.projectcalico.org/v1", "default.a");
    create("crd.projectcalico.org/v1", "default.b");
    try (EitherGroup group = follow(QUICK.withRetention(Duration.ofHours(1)))) {
      assertThat(next()).isEqualTo("all []");
      group.follow(InForce.STORED);
      assertThat(next()).isEqualTo("all [a, b]");
      create("projectcalico.org/v3", "a");
      create("crd.projectcalico.org/v1", "default.c");
      assertThat(next()).as("nothing of the other").isEqualTo("+c");
      group.follow(InForce.USED);
      assertThat(next()).as("at once").isEqualTo("all [a]");
      create("projectcalico.org/v3", "e");
      assertThat(next()).as("the stream is there").isEqualTo("+e");
      serve(false);
      create("crd.projectcalico.org/v1", "default.d");
      assertThat(heard.poll(1, TimeUnit.SECONDS)).as("what is left over is not used").isNull();
      serve(true);
      assertThat(next()).isEqualTo("all [a, e]");
    }
  }

  @Test
  void keepsWhatWasKnownForAWhileWhenTheServerKnowsNeither() throws Exception {
    install(USED, "v3");
    create("projectcalico.org/v3", "a");
    Duration retention = Duration.ofSeconds(1);
    try (EitherGroup _ = follow(QUICK.withRetention(retention))) {
      assertThat(next()).isEqualTo("all [a]");
      create("projectcalico.org/v3", "b");
      assertThat(next()).as("the stream is there").isEqualTo("+b");
      long denied = System.nanoTime();
      serve(false);
      assertThat(next()).isEqualTo("all []");
      assertThat(System.nanoTime() - denied).isGreaterThanOrEqualTo(retention.toNanos());
      serve(true);
      assertThat(next()).isEqualTo("all [a, b]");
    }
  }
}
