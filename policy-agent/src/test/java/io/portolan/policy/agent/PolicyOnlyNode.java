package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.kube.ObjectKey;
import io.portolan.common.kube.PodRecord;
import io.portolan.common.net.IpAddress;
import io.portolan.linux.conntrack.ConntrackSocket;
import io.portolan.policy.PolicyAgent;
import io.portolan.policy.compile.Reporting;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.PodName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The parts of the policy-only agent as its program puts them together, without an API server. */
final class PolicyOnlyNode implements AutoCloseable {
  static final String NODE = "node-1";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final NetworkLab lab;
  private final ConntrackSocket conntrack;
  private final PolicyAgent agent;
  private final BridgeEnforcer bridges;
  private final NodePods pods;
  private final NetworkWatch network;

  PolicyOnlyNode(NetworkLab lab) {
    this.lab = lab;
    this.conntrack = ConntrackSocket.openIn(lab.node());
    this.agent =
        PolicyAgent.start(
            lab.tables(),
            new KernelConnections(conntrack),
            List.of(),
            new RecordingObserver(),
            Reporting.COUNTS);
    this.bridges =
        BridgeEnforcer.start(
            lab.tables(),
            () -> lab.node().call(BridgeEnforcer::isNetfilterOn),
            Duration.ofMinutes(2));
    this.pods = new NodePods(NODE, agent.sink(), bridges, true, System::nanoTime);
    this.network = NetworkWatch.startIn(lab.node(), pods);
    agent.sink().changed(new ClusterChange.NamespaceSeen("shop", Map.of()));
  }

  /** All that there was has been told. */
  void listed() {
    pods.listed();
    agent.sink().synced();
  }

  void seen(String name, String app, List<IpAddress> addresses) {
    seen(
        name,
        app,
        addresses.isEmpty() ? PodRecord.Phase.PENDING : PodRecord.Phase.RUNNING,
        addresses);
  }

  void seen(String name, String app, PodRecord.Phase phase, List<IpAddress> addresses) {
    PodRecord pod =
        new PodRecord(
            new ObjectKey("shop", name),
            "uid-" + name,
            NODE,
            phase,
            addresses,
            Map.of("app", app),
            Map.of(),
            false,
            List.of(),
            "default",
            false,
            Instant.EPOCH);
    pods.seen(pod);
    agent.sink().changed(new ClusterChange.PodSeen(ClusterFeeds.clusterPod(pod)));
  }

  void gone(String name) {
    PodName gone = new PodName("shop", name);
    pods.gone(gone);
    agent.sink().changed(new ClusterChange.PodGone(gone));
  }

  /** A NetworkPolicy by its spec, with single quotes. */
  void policy(String name, String spec) {
    String text = "{'metadata':{'namespace':'shop','name':'" + name + "'},'spec':" + spec + "}";
    try {
      agent
          .sink()
          .changed(
              new ClusterChange.PolicySeen(
                  NetworkPolicies.decode(JSON.readTree(text.replace('\'', '"')))));
    } catch (Exception e) {
      throw new AssertionError(text, e);
    }
  }

  NodePods pods() {
    return pods;
  }

  BridgeEnforcer bridges() {
    return bridges;
  }

  /** What {@code --cleanup} does. */
  static List<String> cleanUp(NetworkLab lab) {
    try (ConntrackSocket conntrack = ConntrackSocket.openIn(lab.node())) {
      return Cleanup.run(lab.tables(), new KernelConnections(conntrack));
    }
  }

  /** Waits until one of our tables holds what is asked for. */
  void awaitTable(String family, String text) {
    assertThat(
            await(() ->
                lab.nft("list", "tables").contains("table " + family + " portolan")
                    && lab.nft("list", "table", family, "portolan").contains(text)))
        .as("%s in table %s portolan", text, family)
        .isTrue();
  }

  static boolean await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      pause(10);
    }
    return true;
  }

  static void pause(int millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** As its program ends: the rules stay. */
  @Override
  public void close() {
    network.close();
    bridges.close();
    agent.close();
    conntrack.close();
  }
}
