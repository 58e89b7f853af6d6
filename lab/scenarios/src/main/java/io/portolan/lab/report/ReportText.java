package io.portolan.lab.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A report as JSON, and as tables. */
public final class ReportText {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ReportText() {}

  /** The interface for programs. */
  public static String json(LabReport report) {
    try {
      return JSON.writeValueAsString(report);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a report is always JSON", e);
    }
  }

  /** For people. */
  public static String table(LabReport report) {
    StringBuilder text = new StringBuilder();
    List<List<String>> pods = new ArrayList<>();
    pods.add(List.of("NAMESPACE", "POD", "NODE", "ADDRESS", "INTERFACE"));
    for (LabReport.Pod pod : report.pods()) {
      pods.add(
          List.of(
              pod.namespace(),
              pod.name(),
              pod.node(),
              String.join(",", pod.ips()),
              pod.interfaceName()));
    }
    text.append(columns(pods)).append('\n');
    List<List<String>> calls = new ArrayList<>();
    calls.add(List.of("CLOUD API", "CALLS"));
    for (Map.Entry<String, Long> entry : report.cloudApi().calls().entrySet()) {
      calls.add(List.of(entry.getKey(), entry.getValue().toString()));
    }
    text.append(columns(calls)).append('\n');
    List<List<String>> checks = new ArrayList<>();
    checks.add(List.of("CHECK", "", "SEEN"));
    for (LabReport.Check check : report.checks()) {
      checks.add(List.of(check.name(), check.ok() ? "ok" : "FAILED", check.detail()));
    }
    text.append(columns(checks)).append('\n');
    report.matrix().details().forEach(line -> text.append("MISMATCH  ").append(line).append('\n'));
    text.append(
        String.format(
            Locale.ROOT,
            "%d pods, %d connections tried, %d allowed, mismatches: %d%n",
            report.pods().size(),
            report.matrix().probes(),
            report.matrix().allowed(),
            report.matrix().mismatches()));
    text.append(
        String.format(
            Locale.ROOT,
            "CNI ADD: %d, p50 %.1f ms, p99 %.1f ms; whole run %.1f s, seed %d%n",
            report.cni().adds(),
            report.cni().addMillis().p50(),
            report.cni().addMillis().p99(),
            report.seconds(),
            report.seed()));
    return text.toString();
  }

  private static String columns(List<List<String>> rows) {
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(String.format(Locale.ROOT, "%-" + (widths[i] + 2) + "s", row.get(i)));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
