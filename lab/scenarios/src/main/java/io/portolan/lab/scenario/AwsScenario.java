package io.portolan.lab.scenario;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.lab.cluster.LabNode;
import io.portolan.lab.cluster.LabPod;
import io.portolan.lab.cluster.PodSpec;
import io.portolan.lab.matrix.Matrix;
import io.portolan.lab.report.LabReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Scenario {@code aws}: pods get ENI addresses, churn makes nodes attach a second ENI, policies
 * come into force, and packets prove each claim.
 */
final class AwsScenario {
  private static final int CHURNED = 12;
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
    workloads.createNamespaces(cluster.kube().objects());
    PodFleet fleet = new PodFleet(cluster.kubelet());
    fleet.start(workloads.pods());
    progress.step(workloads.pods().size() + " pods have addresses");
    churn(fleet);
    progress.step(CHURNED + " pods replaced");

    PolicyRounds rounds = new PolicyRounds(cluster.kubelet(), progress, checks);
    rounds.ask(List.of(), workloads, "without policies");
    List<ObjectNode> policies =
        cluster.kube().objects().create(Workloads.text("aws-policies.yaml"));
    Matrix matrix = rounds.ask(List.copyOf(policies), workloads, policies.size() + " policies");

    AwsChecks asked = new AwsChecks(cluster);
    checks.addAll(asked.all());
    return AwsReports.of("aws", options.seed(), cluster, matrix, checks, asked, progress);
  }

  private void churn(PodFleet fleet) throws IOException, InterruptedException {
    List<LabPod> victims = new ArrayList<>(cluster.kubelet().pods());
    Collections.shuffle(victims, new Random(options.seed()));
    victims = victims.subList(0, CHURNED);
    List<PodSpec> again = victims.stream().map(LabPod::spec).toList();
    fleet.stop(victims);
    fleet.start(again);
  }
}
