package io.portolan.lab.scenario;

import io.portolan.lab.cluster.Kubelet;
import io.portolan.lab.matrix.Matrix;
import io.portolan.lab.report.LabReport;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Collects a cluster's state into a report. */
final class AwsReports {
  private AwsReports() {}

  static LabReport of(
      String scenario,
      long seed,
      AwsCluster cluster,
      Matrix matrix,
      List<LabReport.Check> checks,
      AwsChecks asked,
      Progress progress) {
    Kubelet kubelet = cluster.kubelet();
    List<LabReport.Pod> pods =
        kubelet.pods().stream()
            .map(pod ->
                new LabReport.Pod(
                    pod.spec().namespace(),
                    pod.spec().name(),
                    pod.spec().node(),
                    pod.addresses().stream().map(Object::toString).toList(),
                    asked.interfaceOf(pod)))
            .toList();
    Map<String, Long> calls = new TreeMap<>();
    cluster
        .world()
        .calls()
        .counts()
        .forEach((action, outcomes) ->
            calls.put(action, outcomes.values().stream().mapToLong(Long::longValue).sum()));
    return new LabReport(
        scenario,
        seed,
        seconds(progress),
        pods,
        new LabReport.Matrix(
            matrix.probes(), matrix.allowed(), matrix.mismatches().size(), matrix.mismatches()),
        checks,
        new LabReport.CloudApi(calls),
        new LabReport.Cni(
            kubelet.addNanos().size(), LabReport.Quantiles.ofNanos(kubelet.addNanos())));
  }

  /** The same report with what was found later. */
  static LabReport with(LabReport report, List<LabReport.Check> checks, Progress progress) {
    return new LabReport(
        report.scenario(),
        report.seed(),
        seconds(progress),
        report.pods(),
        report.matrix(),
        checks,
        report.cloudApi(),
        report.cni());
  }

  private static double seconds(Progress progress) {
    return Math.round(progress.seconds() * 10) / 10.0;
  }
}
