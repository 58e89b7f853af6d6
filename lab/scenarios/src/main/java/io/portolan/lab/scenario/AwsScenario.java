package io.portolan.lab.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.lab.cluster.LabNode;
import io.portolan.lab.cluster.LabPod;
import io.portolan.lab.cluster.PodSpec;
import io.portolan.lab.matrix.Matrix;
import io.portolan.lab.report.LabReport;
import io.portolan.sim.policy.PolicyText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Scenario {@code aws}: pods get ENI addresses, churn makes nodes attach a second ENI, policies
 * come into force, and packets prove each claim.
 */
final class AwsScenario {
  private static final int CHURNED = 12;
  private static final long POLICY_DEADLINE_NANOS = 20_000_000_000L;
  private static final String PROFILE =
      """
      apiVersion: portolan.io/v1alpha1
      kind: NetworkProfile
      metadata: {name: default}
      spec:
        ipam: AWS
        pool: {reserve: 2, cooldownSeconds: 5, releaseDelaySeconds: 60}
      """;

  private final AwsCluster cluster;
  private final LabOptions options;
  private final Progress progress;
  private final List<LabReport.Check> checks = new ArrayList<>();

  AwsScenario(AwsCluster cluster, LabOptions options, Progress progress) {
    this.cluster = cluster;
    this.options = options;
    this.progress = progress;
  }

  LabReport run() throws IOException, InterruptedException {
    progress.step("EC2 simulator, Kubernetes API and fabric are up");
    cluster.kube().objects().create(PROFILE);
    cluster.addNode("node-1", "m5.large", "a");
    cluster.addNode("node-2", "m5.large", "a");
    cluster.addNode("node-3", "m5.large", "b");
    cluster.startController();
    progress.step("3 nodes (m5.large) in 2 subnets, the controller and 3 node agents start");
    cluster.awaitAgents();
    progress.step("agents are ready");

    Workloads workloads =
        Workloads.load("aws-workloads.yaml", cluster.nodes().stream().map(LabNode::name).toList());
    createNamespaces(workloads);
    PodFleet fleet = new PodFleet(cluster.kubelet());
    fleet.start(workloads.pods());
    progress.step(workloads.pods().size() + " pods have addresses");
    churn(fleet);
    progress.step(CHURNED + " pods replaced");

    matrix(List.of(), workloads, "without policies");
    List<ObjectNode> policies =
        cluster.kube().objects().create(Workloads.text("aws-policies.yaml"));
    Matrix matrix = matrix(List.copyOf(policies), workloads, policies.size() + " policies");

    AwsChecks asked = new AwsChecks(cluster);
    checks.addAll(asked.all());
    return AwsReports.of("aws", options.seed(), cluster, matrix, checks, asked, progress);
  }

  private void createNamespaces(Workloads workloads) {
    ObjectMapper json = new ObjectMapper();
    workloads
        .namespaces()
        .forEach((name, labels) -> {
          ObjectNode namespace =
              json.createObjectNode().put("apiVersion", "v1").put("kind", "Namespace");
          ObjectNode metadata = namespace.putObject("metadata").put("name", name);
          ObjectNode target = metadata.putObject("labels");
          labels.forEach(target::put);
          cluster.kube().objects().create(namespace);
        });
  }

  private void churn(PodFleet fleet) throws IOException, InterruptedException {
    List<LabPod> victims = new ArrayList<>(cluster.kubelet().pods());
    Collections.shuffle(victims, new Random(options.seed()));
    victims = victims.subList(0, CHURNED);
    List<PodSpec> again = victims.stream().map(LabPod::spec).toList();
    fleet.stop(victims);
    fleet.start(again);
  }

  private Matrix matrix(List<JsonNode> policies, Workloads workloads, String what)
      throws IOException {
    Map<String, Map<String, String>> labels = new HashMap<>();
    workloads
        .namespaces()
        .forEach((name, own) -> {
          Map<String, String> all = new TreeMap<>(own);
          all.put("kubernetes.io/metadata.name", name);
          labels.put(name, all);
        });
    PolicyText text = new PolicyText(policies, labels);
    Collection<LabPod> pods = cluster.kubelet().pods();
    long start = System.nanoTime();
    Matrix matrix = Matrix.compare(text, Probing.everyPair(pods));
    int rounds = 1;
    // Nothing in the API tells when a policy is in force: ask until the answers are right, or time
    // is up.
    while (!matrix.mismatches().isEmpty() && System.nanoTime() - start < POLICY_DEADLINE_NANOS) {
      matrix = Matrix.compare(text, Probing.everyPair(pods));
      rounds++;
    }
    progress.step(
        what
            + ": "
            + matrix.probes()
            + " connections tried, "
            + matrix.allowed()
            + " allowed, mismatches: "
            + matrix.mismatches().size());
    checks.add(
        new LabReport.Check(
            "connectivity " + what,
            matrix.mismatches().isEmpty(),
            matrix.allowed()
                + " of "
                + matrix.probes()
                + " connect, as the API text says; rounds of asking: "
                + rounds));
    return matrix;
  }
}
