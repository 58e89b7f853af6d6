package io.portolan.lab.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.lab.cluster.Kubelet;
import io.portolan.lab.cluster.LabPod;
import io.portolan.lab.matrix.Matrix;
import io.portolan.lab.report.LabReport;
import io.portolan.sim.policy.PolicyText;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Asks every pod about every other until the answers are what the policies say, or time is up. */
final class PolicyRounds {
  private static final long DEADLINE_NANOS = 20_000_000_000L;

  private final Kubelet kubelet;
  private final Progress progress;
  private final List<LabReport.Check> checks;

  /**
   * @param checks gets one more with each matrix
   */
  PolicyRounds(Kubelet kubelet, Progress progress, List<LabReport.Check> checks) {
    this.kubelet = kubelet;
    this.progress = progress;
    this.checks = checks;
  }

  Matrix ask(List<JsonNode> policies, Workloads workloads, String what) throws IOException {
    Map<String, Map<String, String>> labels = new HashMap<>();
    workloads
        .namespaces()
        .forEach((name, own) -> {
          Map<String, String> all = new TreeMap<>(own);
          all.put("kubernetes.io/metadata.name", name);
          labels.put(name, all);
        });
    PolicyText text = new PolicyText(policies, labels);
    Collection<LabPod> pods = kubelet.pods();
    long start = System.nanoTime();
    Matrix matrix = Matrix.compare(text, Probing.everyPair(pods));
    int rounds = 1;
    // Nothing in the API tells when a policy is in force: ask until the answers are right, or time
    // is up.
    while (!matrix.mismatches().isEmpty() && System.nanoTime() - start < DEADLINE_NANOS) {
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
