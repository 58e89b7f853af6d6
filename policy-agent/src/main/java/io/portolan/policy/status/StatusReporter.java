package io.portolan.policy.status;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import io.portolan.common.kube.ResourcePath;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.SortedMap;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes conditions into the status of ClusterNetworkPolicies, as {@link StatusPlanner} has it.
 *
 * <p>By server-side apply, all nodes as one manager: conditions of others stay as they are. What is
 * written twice by chance is the same; what one node overwrites of another is seen and said again.
 * Enforcement depends on none of it.
 */
public final class StatusReporter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StatusReporter.class);
  private static final String MANAGER = "portolan-policy";

  /** Between two writes of one node, at least. */
  private static final Duration PACE = Duration.ofMillis(100);

  private static final Duration IDLE = Duration.ofMinutes(5);
  private static final Duration NOT_YET = Duration.ofSeconds(1);

  private final Effect effect;
  private final BooleanSupplier isInForce;
  private final InstantSource clock;
  private final StatusPlanner planner;
  private final Thread thread;
  private boolean refusalTold;

  /** Writes one status; blocks. */
  interface Effect {
    KubeResult<?> write(String policy, ObjectNode object);
  }

  StatusReporter(Effect effect, String node, BooleanSupplier isInForce, InstantSource clock) {
    this.effect = effect;
    this.isInForce = isInForce;
    this.clock = clock;
    this.planner = new StatusPlanner(node);
    this.thread = Thread.ofVirtual().name("policy-status").unstarted(this::run);
  }

  /**
   * Starts.
   *
   * @param isInForce whether this node enforces all that it knows of; until then it says nothing
   */
  public static StatusReporter start(
      KubeClient client, String node, BooleanSupplier isInForce, InstantSource clock) {
    StatusReporter reporter =
        new StatusReporter(
            (policy, object) ->
                client.apply(
                    ResourcePath.CLUSTER_NETWORK_POLICIES.status("", policy), MANAGER, object),
            node,
            isInForce,
            clock);
    reporter.thread.start();
    return reporter;
  }

  /** A policy is new, or changed, or its status did. */
  public synchronized void seen(ReportedPolicy policy) {
    planner.seen(policy);
    notifyAll();
  }

  public synchronized void gone(String policy) {
    planner.gone(policy);
  }

  public synchronized void nodeSeen(String name) {
    planner.nodeSeen(name);
    notifyAll();
  }

  public synchronized void nodeGone(String name) {
    planner.nodeGone(name);
    notifyAll();
  }

  /** The policies that this node's kernel refuses, by name, with what it said. */
  public synchronized void refused(SortedMap<String, String> reasons) {
    planner.refused(reasons);
    notifyAll();
  }

  private void run() {
    try {
      while (true) {
        for (StatusPlanner.Write write : await()) {
          report(effect.write(write.policy(), object(write)), write);
          Thread.sleep(PACE);
        }
      }
    } catch (InterruptedException e) {
      // Closing.
      Thread.currentThread().interrupt();
    }
  }

  private List<StatusPlanner.Write> await() throws InterruptedException {
    // What comes together is planned together.
    Thread.sleep(PACE);
    synchronized (this) {
      while (true) {
        if (isInForce.getAsBoolean()) {
          List<StatusPlanner.Write> due = planner.due(clock.instant());
          if (!due.isEmpty()) {
            return due;
          }
          Duration left =
              planner.next().map(next -> Duration.between(clock.instant(), next)).orElse(IDLE);
          wait(Math.max(1, left.toMillis()));
        } else {
          wait(NOT_YET.toMillis());
        }
      }
    }
  }

  private void report(KubeResult<?> result, StatusPlanner.Write write) {
    if (result instanceof KubeResult.Failed<?>(KubeFault fault)) {
      boolean isRefused = fault.kind() == KubeFault.Kind.DENIED;
      if (isRefused && !refusalTold) {
        LOG.warn(
            "the status of ClusterNetworkPolicies may not be written, so they have no conditions:"
                + " {}",
            fault);
      } else {
        LOG.debug("the status of {} is not written: {}", write.policy(), fault);
      }
      refusalTold |= isRefused;
    }
  }

  private static ObjectNode object(StatusPlanner.Write write) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", ResourcePath.CLUSTER_NETWORK_POLICIES.apiVersion());
    object.put("kind", "ClusterNetworkPolicy");
    // With the UID it is not written to another one that has the name by now.
    object.putObject("metadata").put("name", write.policy()).put("uid", write.uid());
    ArrayNode conditions = object.putObject("status").putArray("conditions");
    write.conditions().forEach(condition -> condition.write(conditions.addObject()));
    return object;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
