package io.portolan.lab.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A CNI plugin with its network configuration.
 *
 * @param name as tables name it
 * @param configuration file with the network configuration
 * @param environment what it needs beside the variables of CNI
 * @param directory for its answers
 */
record Plugin(
    String name,
    Path program,
    Path configuration,
    Map<String, String> environment,
    Path directory) {
  private static final List<String> STANDARD_DIRECTORIES = List.of("/usr/lib/cni", "/opt/cni/bin");

  /**
   * A pod's network namespace, and who lives in it.
   *
   * @param pod the object's name in namespace {@code namespace}
   */
  record Sandbox(String containerId, Path netns, String namespace, String pod, String uid) {}

  /** Portolan's: the shim, to the agent that listens at {@code socket}. */
  static Plugin portolan(Path shim, Path socket, Path directory) throws IOException {
    Files.createDirectories(directory);
    Path configuration =
        Files.writeString(
            directory.resolve("portolan.conf"),
            "{\"cniVersion\":\"1.0.0\",\"name\":\"portolan\",\"type\":\"portolan-cni\"}");
    return new Plugin(
        "Portolan",
        shim,
        configuration,
        Map.of("PORTOLAN_CNI_SOCKET", socket.toString()),
        directory);
  }

  /**
   * The standard plugins' nearest equivalent: a veth with a routed address of the node's own range.
   *
   * @throws IOException if they are not installed
   */
  static Plugin standard(Path directory) throws IOException {
    Files.createDirectories(directory);
    Path plugins =
        STANDARD_DIRECTORIES.stream()
            .map(Path::of)
            .filter(d -> Files.isExecutable(d.resolve("ptp")))
            .findFirst()
            .orElseThrow(() ->
                new IOException(
                    "the standard CNI plugins are not in "
                        + STANDARD_DIRECTORIES
                        + "; install the package containernetworking-plugins"));
    Path configuration =
        Files.writeString(
            directory.resolve("ptp.conf"),
            """
            {"cniVersion": "1.0.0", "name": "standard", "type": "ptp", "ipMasq": false,
             "ipam": {"type": "host-local", "dataDir": "%s",
                      "ranges": [[{"subnet": "10.99.0.0/20"}]],
                      "routes": [{"dst": "0.0.0.0/0"}]}}
            """
                .formatted(directory.resolve("host-local")));
    return new Plugin(
        "ptp + host-local",
        plugins.resolve("ptp"),
        configuration,
        Map.of("CNI_PATH", plugins.toString()),
        directory);
  }

  Invocation add(Sandbox sandbox) {
    return invocation("ADD", sandbox);
  }

  Invocation delete(Sandbox sandbox) {
    return invocation("DEL", sandbox);
  }

  private Invocation invocation(String command, Sandbox sandbox) {
    Map<String, String> variables = new TreeMap<>(environment);
    variables.put("CNI_COMMAND", command);
    variables.put("CNI_CONTAINERID", sandbox.containerId());
    variables.put("CNI_NETNS", sandbox.netns().toString());
    variables.put("CNI_IFNAME", "eth0");
    variables.putIfAbsent("CNI_PATH", String.valueOf(program.getParent()));
    variables.put(
        "CNI_ARGS",
        "IgnoreUnknown=1;K8S_POD_NAMESPACE="
            + sandbox.namespace()
            + ";K8S_POD_NAME="
            + sandbox.pod()
            + ";K8S_POD_INFRA_CONTAINER_ID="
            + sandbox.containerId()
            + ";K8S_POD_UID="
            + sandbox.uid());
    return new Invocation(program, configuration, answer(sandbox), variables);
  }

  /** Where the plugin's last answer for this sandbox is. */
  Path answer(Sandbox sandbox) {
    return directory.resolve(sandbox.netns().getFileName() + ".json");
  }
}
