package io.portolan.policy.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * A flow log that a test reads.
 *
 * @param ignored name of a pod; what it opens is left out
 */
record FlowLines(Path file, String ignored) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Until the log says at least so many different things, or 20 seconds. */
  void await(int count) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (summary().size() < count && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  List<JsonNode> lines() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    if (Files.exists(file)) {
      for (String line : Files.readString(file).lines().toList()) {
        JsonNode node = JSON.readTree(line);
        if (!node.path("source").path("pod").asText().equals(ignored)) {
          lines.add(node);
        }
      }
    }
    return lines;
  }

  /** What is the same in every run, each once. */
  SortedSet<String> summary() throws IOException {
    SortedSet<String> all = new TreeSet<>();
    for (JsonNode line : lines()) {
      List<String> policies = new ArrayList<>();
      line.path("policies").forEach(policy -> policies.add(policy.path("name").asText()));
      all.add(
          line.path("verdict").asText()
              + " "
              + (line.path("connection").asText().equals("new")
                  ? ""
                  : line.path("connection").asText() + " ")
              + line.path("direction").asText()
              + " "
              + line.path("reason").asText()
              + " "
              + line.path("tier").asText()
              + " "
              + String.join(",", policies)
              + (line.has("rule") ? "#" + line.path("rule") : "")
              + ": "
              + line.path("protocol").asText()
              + (line.has("icmpType")
                  ? " " + line.path("icmpType") + "/" + line.path("icmpCode")
                  : "")
              + " "
              + end(line.path("source"))
              + " > "
              + end(line.path("destination"))
              + (line.path("destination").has("port")
                  ? ":" + line.path("destination").path("port")
                  : ""));
    }
    return all;
  }

  private static String end(JsonNode end) {
    return end.path("namespace").asText()
        + "/"
        + end.path("pod").asText()
        + " "
        + end.path("address").asText();
  }
}
