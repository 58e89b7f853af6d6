package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.kube.Backoff;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.PodRecord;
import io.portolan.common.kube.WatchOptions;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.PodName;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.status.StatusReporter;
import io.portolan.sim.kube.ApiOptions;
import io.portolan.sim.kube.KubeApiServer;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The conditions of ClusterNetworkPolicies, by the protocol of an API server. */
class PolicyStatusTest {
  private static final String POLICIES = "clusternetworkpolicies.policy.networking.k8s.io";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final WatchOptions QUICK =
      new WatchOptions(
              500,
              new Backoff(Duration.ofMillis(5), Duration.ofMillis(20)),
              Duration.ofMinutes(5),
              Duration.ofSeconds(30))
          .withAbsence(Duration.ofMillis(20), Duration.ofHours(1));

  private final AtomicBoolean inForce = new AtomicBoolean(true);
  private final PolicyProblems problems = new PolicyProblems();
  private KubeApiServer server;
  private KubeClient client;

  @BeforeEach
  void start() throws IOException {
    server = KubeApiServer.start(ApiOptions.DEFAULT.withBookmarkInterval(Duration.ofMillis(50)));
    client = KubeClient.to(server.url(), Optional.empty(), "status-test");
    server
        .objects()
        .create(
            """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: clusternetworkpolicies.policy.networking.k8s.io}
            spec:
              group: policy.networking.k8s.io
              scope: Cluster
              names: {plural: clusternetworkpolicies, singular: clusternetworkpolicy, kind: ClusterNetworkPolicy}
              versions:
              - name: v1alpha2
                served: true
                storage: true
                subresources: {status: {}}
                schema:
                  openAPIV3Schema:
                    type: object
                    properties:
                      spec: {type: object, x-kubernetes-preserve-unknown-fields: true}
                      status:
                        type: object
                        required: [conditions]
                        properties:
                          conditions:
                            type: array
                            x-kubernetes-list-type: map
                            x-kubernetes-list-map-keys: [type]
                            items:
                              type: object
                              required: [lastTransitionTime, message, reason, status, type]
                              properties:
                                lastTransitionTime: {type: string, format: date-time}
                                message: {type: string, maxLength: 32768}
                                observedGeneration: {type: integer, format: int64, minimum: 0}
                                reason: {type: string, maxLength: 1024, minLength: 1}
                                status: {type: string, enum: ["True", "False", Unknown]}
                                type: {type: string, maxLength: 316}
            """);
    server.objects().create("{apiVersion: v1, kind: Node, metadata: {name: node-1}}");
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private void create(String name, String spec) {
    server
        .objects()
        .create(
            "{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy,"
                + " metadata: {name: "
                + name
                + "}, spec: {tier: Admin, priority: 1, "
                + spec
                + "}}");
  }

  /** The conditions once they are as wanted, or after 20 seconds. */
  private String await(String name, Predicate<String> wanted) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    String text = conditions(name);
    while (!wanted.test(text) && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(10);
      text = conditions(name);
    }
    return text;
  }

  private String conditions(String name) {
    StringBuilder text = new StringBuilder();
    JsonNode object = server.objects().get(POLICIES, "", name).orElseThrow();
    for (JsonNode one : object.path("status").path("conditions")) {
      text.append(one.path("type").asText())
          .append('=')
          .append(one.path("status").asText())
          .append(' ')
          .append(one.path("reason").asText())
          .append(" of ")
          .append(one.path("observedGeneration").asText())
          .append(": ")
          .append(one.path("message").asText())
          .append('\n');
    }
    return text.toString();
  }

  /** What is not of interest here. */
  private static final class NoPods implements PodListener {
    @Override
    public void seen(PodRecord pod) {}

    @Override
    public void gone(PodName name) {}
  }

  private static final class Nobody implements ClusterSink {
    @Override
    public void changed(ClusterChange change) {}

    @Override
    public void synced() {}
  }

  @Test
  void theStatusSaysWhatBecomesOfAPolicy() throws Exception {
    String all = "subject: {namespaces: {}}";
    create("guard", all + ", ingress: [{action: Deny, from: [{namespaces: {}}]}]");
    create("odd", all + ", ingress: [{action: Deny, from: [{planets: {}}]}]");
    create("nobody", "subject: {planets: {}}");
    try (StatusReporter reporter =
            StatusReporter.start(client, "node-1", inForce::get, InstantSource.system());
        ClusterFeeds _ =
            new ClusterFeeds(client, new Nobody(), new NoPods(), problems, reporter, QUICK)) {
      problems.reportBy(reporter);
      assertThat(await("guard", text -> text.contains("Programmed")))
          .isEqualTo(
              """
              Accepted=True Accepted of 1: All of the policy is understood.
              Programmed=True Programmed of 1: No node has reported that its kernel refuses it.
              """);
      assertThat(await("odd", text -> text.contains("Programmed")))
          .startsWith("Accepted=False NotUnderstood of 1: Not enforced as it is written;")
          .contains("planets");
      assertThat(await("nobody", text -> text.contains("Programmed")))
          .startsWith("Accepted=False NotEnforced of 1: Not enforced at all: ");
      // Somebody else's condition stays.
      ObjectNode theirs =
          (ObjectNode)
              JSON.readTree(
                  """
                  {"apiVersion":"policy.networking.k8s.io/v1alpha2","kind":"ClusterNetworkPolicy",
                   "metadata":{"name":"guard"},"status":{"conditions":[{"type":"Theirs",
                   "status":"True","reason":"Fine","message":"","lastTransitionTime":
                   "2026-07-01T12:00:00Z"}]}}\
                  """);
      client.apply(
          "/apis/policy.networking.k8s.io/v1alpha2/clusternetworkpolicies/guard/status",
          "somebody",
          theirs);
      PolicyId guard = new PolicyId(PolicyId.Kind.CLUSTER_NETWORK_POLICY, "", "guard");
      problems.leftOut(new TreeMap<>(Map.of(guard, "The kernel said: no space.")));
      assertThat(await("guard", text -> text.contains("Refused")))
          .contains("Accepted=True Accepted of 1: All of the policy is understood.\n")
          .contains("Theirs=True Fine of : \n")
          .contains(
              "Programmed=False Refused of 1: Node node-1, and maybe others: the kernel refuses it,"
                  + " so it is closed: it selects what it did and allows nothing. The kernel said:"
                  + " no space.\n");
      problems.leftOut(new TreeMap<>());
      assertThat(await("guard", text -> text.contains("Programmed=True")))
          .contains("Programmed=True Programmed of 1");
    }
  }

  @Test
  void aNodeThatEnforcesNothingYetSaysNothing() throws Exception {
    inForce.set(false);
    AtomicInteger asked = new AtomicInteger();
    create("guard", "subject: {namespaces: {}}");
    try (StatusReporter reporter =
            StatusReporter.start(
                client,
                "node-1",
                () -> asked.incrementAndGet() > 0 && inForce.get(),
                InstantSource.system());
        ClusterFeeds _ =
            new ClusterFeeds(client, new Nobody(), new NoPods(), problems, reporter, QUICK)) {
      // It asks once a second, which is as long as it would have waited to write.
      assertThat(await("guard", _ -> asked.get() > 3)).isEmpty();
      assertThat(asked).hasValueGreaterThan(3);
      inForce.set(true);
      assertThat(await("guard", text -> text.contains("Programmed"))).startsWith("Accepted=True");
    }
  }
}
