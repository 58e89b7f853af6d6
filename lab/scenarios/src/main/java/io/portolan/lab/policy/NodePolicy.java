package io.portolan.lab.policy;

import io.portolan.linux.conntrack.ConntrackSocket;
import io.portolan.linux.conntrack.FlowFilter;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.nft.kernel.KernelNftTables;
import io.portolan.policy.agent.EnforcementObserver;
import io.portolan.policy.agent.EnforcementThread;
import io.portolan.policy.agent.Enforcer;
import io.portolan.policy.agent.KernelConnections;
import io.portolan.policy.cases.ClusterState;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.PodName;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.nft.Generation;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The policy engine of one node. It goes from state to state by their difference, also from one
 * cluster to an unrelated one, as if all objects of the one had been deleted.
 *
 * <p>Not thread-safe.
 */
final class NodePolicy implements AutoCloseable {
  private static final Duration AUDIT = Duration.ofMinutes(2);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final KernelNftTables tables;
  private final KernelConnections stamps;
  private final ConntrackSocket connections;
  private final EnforcementThread thread;
  private final AtomicReference<String> refused = new AtomicReference<>("");
  private final Map<PodName, LocalPod> wired = new HashMap<>();
  private ClusterState state = ClusterState.EMPTY;

  NodePolicy(NetworkNamespace node) {
    tables = KernelNftTables.open(node);
    stamps = new KernelConnections(ConntrackSocket.openIn(node));
    connections = ConntrackSocket.openIn(node);
    Enforcer enforcer =
        new Enforcer(
            tables,
            () -> stamps.clearMarks(Generation.MASK),
            new Observer(),
            InstantSource.system());
    thread = EnforcementThread.start(enforcer, List.of(), AUDIT);
    thread.synced();
  }

  private final class Observer implements EnforcementObserver {
    @Override
    public void committed(int commands, Duration took) {}

    @Override
    public void failed(String reason) {
      refused.set(reason);
    }

    @Override
    public void repaired(int commands) {
      refused.set("the table was not what was programmed: " + commands + " repairs");
    }

    @Override
    public void searched(int attempts, int found) {}

    @Override
    public void leftOut(SortedMap<PolicyId, String> reasons) {
      if (!reasons.isEmpty()) {
        refused.set("the kernel refuses policies: " + reasons);
      }
    }
  }

  /**
   * Returns when the kernel enforces the state's policies for these pods.
   *
   * @param pods those of this node
   * @throws IllegalStateException if the kernel refuses, or after a minute
   */
  void become(ClusterState next, List<LocalPod> pods) {
    Map<PodName, LocalPod> wanted = new HashMap<>();
    pods.forEach(pod -> wanted.put(pod.name(), pod));
    List<CompletableFuture<?>> done = new ArrayList<>();
    wired
        .values()
        .removeIf(pod -> {
          LocalPod successor = wanted.get(pod.name());
          boolean gone = successor == null || !successor.id().equals(pod.id());
          if (gone) {
            done.add(thread.forget(pod));
          }
          return gone;
        });
    next.changesSince(state).forEach(thread::changed);
    state = next;
    for (LocalPod pod : pods) {
      // Also of pods that are there already: the answer comes when all before it is in force.
      EnforcementThread.Admission admission = thread.admit(pod);
      done.add(admission.closed());
      done.add(admission.standing());
      wired.put(pod.name(), pod);
    }
    CompletableFuture.allOf(done.toArray(CompletableFuture[]::new))
        .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .join();
    String problem = refused.get() + thread.problem().orElse("");
    if (!problem.isEmpty() && !done.isEmpty()) {
      throw new IllegalStateException(problem);
    }
  }

  /** The node's kernel forgets every connection. */
  void forgetConnections() {
    connections.delete(FlowFilter.ALL);
  }

  @Override
  public void close() {
    thread.close();
    tables.close();
    stamps.close();
    connections.close();
  }
}
