package io.portolan.lab.bench;

import java.nio.file.Path;
import java.util.Set;

/**
 * What is measured, and how much.
 *
 * @param parts at least one
 * @param rounds of ADD and DEL of {@code pods} pods with each plugin in turn, and of storms
 * @param pods pods of a round
 * @param starts starts of the agent in each series
 * @param cloudNodes nodes in the simulated account whose API calls are counted
 * @param page where the page is written
 */
public record BenchOptions(
    Set<BenchPart> parts, int rounds, int pods, int starts, int cloudNodes, Path page) {
  /** Pods of a full node, the kubelet's default limit. */
  static final int FULL_NODE = 110;

  public BenchOptions {
    parts = Set.copyOf(parts);
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("parts is empty: nothing would be measured");
    }
    require("rounds", rounds, 1, 20);
    require("pods", pods, 1, FULL_NODE);
    require("starts", starts, 1, 50);
    require("cloudNodes", cloudNodes, 1, 10_000);
  }

  boolean isAll() {
    return parts.size() == BenchPart.values().length;
  }

  private static void require(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " is " + value + "; it must be from " + least + " to " + most);
    }
  }
}
