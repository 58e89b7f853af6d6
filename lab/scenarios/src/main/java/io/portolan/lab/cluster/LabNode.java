package io.portolan.lab.cluster;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.netns.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A node: a network namespace, a directory for what a node keeps on disk, and its agent. */
public final class LabNode implements AutoCloseable {
  private final String name;
  private final String instanceId;
  private final IpAddress address;
  private final NetworkNamespace namespace;
  private final Path directory;
  private final List<String> agentCommand;
  private volatile @Nullable Program agent;

  /**
   * @param instanceId the machine in the simulated cloud
   * @param address the node's own address
   * @param directory the agent's sockets, journal and log live here
   * @param agentCommand how the agent is started
   */
  public LabNode(
      String name,
      String instanceId,
      IpAddress address,
      NetworkNamespace namespace,
      Path directory,
      List<String> agentCommand)
      throws IOException {
    this.name = name;
    this.instanceId = instanceId;
    this.address = address;
    this.namespace = namespace;
    this.directory = directory;
    this.agentCommand = List.copyOf(agentCommand);
    Files.createDirectories(directory);
  }

  /** Where an agent in {@code directory} listens for the CNI plugin. */
  public static Path cniSocket(Path directory) {
    return directory.resolve("cni.sock");
  }

  /** Starts the agent, or starts it again after it has died. */
  public Program startAgent() throws IOException {
    Program started =
        Program.start(
            "agent of " + name, namespace, agentCommand, Map.of(), directory.resolve("agent.log"));
    agent = started;
    return started;
  }

  /** Kills the agent as {@code kill -9} does. */
  public void killAgent() {
    Program running = agent;
    if (running != null) {
      running.kill();
    }
  }

  /** The agent process, if one was started. */
  public @Nullable Program agent() {
    return agent;
  }

  public String name() {
    return name;
  }

  public String instanceId() {
    return instanceId;
  }

  public IpAddress address() {
    return address;
  }

  public NetworkNamespace namespace() {
    return namespace;
  }

  public Path directory() {
    return directory;
  }

  @Override
  public void close() {
    killAgent();
    namespace.close();
  }
}
