package io.portolan.lab.report;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import java.util.Map;

/**
 * The result of a scenario, the same shape for every scenario. Its JSON form is the interface of
 * {@code portolan lab … -o json}.
 *
 * @param scenario the scenario's name, such as {@code aws}
 * @param seed replays the run
 * @param seconds how long the run took
 * @param pods every pod at the end of the run
 * @param matrix expected against observed connections
 * @param checks what else was proven with packets, by name
 * @param cloudApi calls of the cloud's API, by action
 * @param cni how long ADD took, as the container runtime sees it
 */
public record LabReport(
    String scenario,
    long seed,
    double seconds,
    List<Pod> pods,
    Matrix matrix,
    List<Check> checks,
    CloudApi cloudApi,
    Cni cni) {

  public LabReport {
    pods = List.copyOf(pods);
    checks = List.copyOf(checks);
  }

  /**
   * @param ips the pod's addresses
   * @param interfaceName the cloud interface that carries them
   */
  public record Pod(
      String namespace,
      String name,
      String node,
      List<String> ips,
      @com.fasterxml.jackson.annotation.JsonProperty("interface") String interfaceName) {}

  /**
   * @param probes how many connections were tried
   * @param allowed how many were answered
   * @param mismatches how many of them ended otherwise than the policies say
   * @param details the mismatches as sentences
   */
  public record Matrix(int probes, int allowed, int mismatches, List<String> details) {}

  /**
   * @param name the claim
   * @param ok whether it held
   * @param detail what was seen
   */
  public record Check(String name, boolean ok, String detail) {}

  /** Calls by action. */
  public record CloudApi(Map<String, Long> calls) {}

  /**
   * @param adds how many ADDs were made
   * @param addMillis wall time of one ADD, process start of the shim included
   */
  public record Cni(int adds, Quantiles addMillis) {}

  /** Milliseconds. */
  public record Quantiles(double p50, double p99) {
    /** Of at least one sample, in nanoseconds. */
    public static Quantiles ofNanos(List<Long> samples) {
      if (samples.isEmpty()) {
        return new Quantiles(0, 0);
      }
      List<Long> sorted = samples.stream().sorted().toList();
      return new Quantiles(at(sorted, 0.50), at(sorted, 0.99));
    }

    private static double at(List<Long> sorted, double quantile) {
      int index = (int) Math.ceil(quantile * sorted.size()) - 1;
      return Math.round(sorted.get(Math.max(index, 0)) / 1e4) / 100.0;
    }
  }

  /** Whether every claim held; the exit code of the lab. */
  @JsonIgnore
  public boolean holds() {
    return matrix.mismatches() == 0 && checks.stream().allMatch(Check::ok);
  }
}
