package io.portolan.lab.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Executes the CNI plugin as a container runtime does: a process, the environment, JSON on its
 * standard input (CNI specification 1.1, section 2).
 *
 * @param shim the plugin
 * @param agentSocket where the node's agent listens
 */
public record CniCommand(Path shim, Path agentSocket) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CONFIG =
      "{\"cniVersion\":\"1.1.0\",\"name\":\"portolan\",\"type\":\"portolan-cni\"}";

  /** What a plugin answered. */
  public sealed interface Result {
    /**
     * @param addresses the pod's addresses; empty after DEL
     * @param nanos wall time, process start included
     */
    record Success(List<IpAddress> addresses, long nanos) implements Result {}

    /**
     * @param code the CNI error code
     */
    record Failure(int code, String message) implements Result {}
  }

  /** Adds a container to the network. */
  public Result add(
      String containerId, Path namespace, String podNamespace, String podName, String uid)
      throws IOException, InterruptedException {
    return run("ADD", containerId, namespace, podNamespace, podName, uid);
  }

  /** Takes a container from the network. */
  public Result delete(
      String containerId, Path namespace, String podNamespace, String podName, String uid)
      throws IOException, InterruptedException {
    return run("DEL", containerId, namespace, podNamespace, podName, uid);
  }

  private Result run(
      String verb,
      String containerId,
      Path namespace,
      String podNamespace,
      String podName,
      String uid)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(shim.toString()).redirectErrorStream(true);
    builder.environment().clear();
    builder
        .environment()
        .putAll(
            Map.of(
                "CNI_COMMAND",
                verb,
                "CNI_CONTAINERID",
                containerId,
                "CNI_NETNS",
                namespace.toString(),
                "CNI_IFNAME",
                "eth0",
                "CNI_PATH",
                shim.getParent() == null ? "." : shim.getParent().toString(),
                "CNI_ARGS",
                "IgnoreUnknown=1;K8S_POD_NAMESPACE="
                    + podNamespace
                    + ";K8S_POD_NAME="
                    + podName
                    + ";K8S_POD_INFRA_CONTAINER_ID="
                    + containerId
                    + ";K8S_POD_UID="
                    + uid,
                "PORTOLAN_CNI_SOCKET",
                agentSocket.toString()));
    long start = System.nanoTime();
    Process process = builder.start();
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(CONFIG.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // The plugin ended without reading; its exit code and output say why.
      process.getOutputStream();
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    long nanos = System.nanoTime() - start;
    JsonNode answer = parse(output);
    if (code != 0) {
      return new Result.Failure(
          answer.path("code").asInt(code),
          answer.path("msg").asText(output) + " " + answer.path("details").asText());
    }
    List<IpAddress> addresses = new ArrayList<>();
    for (JsonNode ip : answer.path("ips")) {
      String address = ip.path("address").asText();
      addresses.add(Cidr.parse(address).network());
    }
    return new Result.Success(addresses, nanos);
  }

  private static JsonNode parse(String output) {
    try {
      return output.isBlank() ? JSON.createObjectNode() : JSON.readTree(output);
    } catch (IOException e) {
      return JSON.createObjectNode().put("msg", "unintelligible answer: " + output);
    }
  }
}
