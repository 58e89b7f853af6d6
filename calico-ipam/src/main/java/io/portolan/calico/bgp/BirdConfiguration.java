package io.portolan.calico.bgp;

import java.util.List;
import java.util.Map;

/**
 * What BIRD is to read.
 *
 * @param text the file
 * @param sessions what each protocol of the file is for, by BIRD's name of it
 * @param problems what is left out, and why
 */
public record BirdConfiguration(
    String text, Map<String, String> sessions, List<BgpProblem> problems) {
  public BirdConfiguration {
    sessions = Map.copyOf(sessions);
    problems = List.copyOf(problems);
  }
}
