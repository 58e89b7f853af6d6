package io.portolan.common.runtime;

import io.portolan.common.api.v1alpha1.Condition;
import io.portolan.common.api.v1alpha1.NodeNetworkSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.controller.SupplyWriter;
import io.portolan.common.kube.Conditions;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import io.portolan.common.kube.NodeNetworkRecord;
import io.portolan.common.kube.NodeNetworkRepository;
import io.portolan.common.pool.PoolCondition;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Publishes supplies as NodeNetworks.
 *
 * <p>Crash order: the specification first, because that creates the object and ties it to its node;
 * the supply second. A crash between leaves a NodeNetwork without supply, which the next process
 * fills.
 */
public final class KubeSupplyWriter implements SupplyWriter {
  private static final int AT_ONCE = 64;

  private final Semaphore writing = new Semaphore(AT_ONCE);
  private final NodeNetworkRepository repository;
  private final KubeClusterView view;
  private final InstantSource time;

  /** Specifications this process has stored: watches show them later. */
  private final Map<NodeName, Stored> stored = new ConcurrentHashMap<>();

  private record Stored(
      String nodeUid, NodeNetworkSpec spec, List<Condition> conditions, Instant at) {}

  /** What a watch shows that long after a write is what somebody else made of it. */
  private static final Duration WATCH_LAG = Duration.ofSeconds(5);

  public KubeSupplyWriter(
      NodeNetworkRepository repository, KubeClusterView view, InstantSource time) {
    this.repository = repository;
    this.view = view;
    this.time = time;
  }

  /** Waits while {@value #AT_ONCE} others write: thousands of nodes may be in work at once. */
  @Override
  public Written write(
      NodeName node,
      NodeNetworkSpec spec,
      NodeNetworkStatus.Supply supply,
      List<PoolCondition> conditions) {
    try {
      writing.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Written.Failed("NodeNetwork " + node + ": interrupted");
    }
    try {
      return store(node, spec, supply, conditions);
    } finally {
      writing.release();
    }
  }

  private Written store(
      NodeName node,
      NodeNetworkSpec spec,
      NodeNetworkStatus.Supply supply,
      List<PoolCondition> conditions) {
    Optional<String> uid = view.uid(node);
    if (uid.isEmpty()) {
      return new Written.Failed("node " + node + " is gone");
    }
    Stored last = stored.get(node);
    List<Condition> merged =
        Conditions.merge(previous(node, last), claims(conditions), time.instant());
    if (last == null
        || !last.nodeUid().equals(uid.get())
        || !last.spec().equals(spec)
        || undone(node, last)) {
      Optional<KubeFault> refused = repository.applySpec(node.value(), uid.get(), spec).failure();
      if (refused.isPresent()) {
        return failed(node, refused.get());
      }
    }
    KubeResult<NodeNetworkRecord> result = repository.applySupply(node.value(), supply, merged);
    if (result.failure().isPresent()) {
      return failed(node, result.failure().get());
    }
    stored.put(node, new Stored(uid.get(), spec, merged, time.instant()));
    return new Written.Stored();
  }

  /** Whether somebody has deleted or edited the specification. */
  private boolean undone(NodeName node, Stored last) {
    return !time.instant().isBefore(last.at().plus(WATCH_LAG))
        && !view.spec(node).equals(Optional.of(last.spec()));
  }

  private List<Condition> previous(NodeName node, @Nullable Stored last) {
    if (last != null) {
      return last.conditions();
    }
    return view.status(node)
        .map(NodeNetworkStatus::conditions)
        .filter(list -> list != null)
        .orElse(List.of());
  }

  private static List<Conditions.Claim> claims(List<PoolCondition> conditions) {
    return conditions.stream()
        .map(c -> Conditions.Claim.of(c.type(), c.holds(), c.reason(), c.message()))
        .toList();
  }

  private Written failed(NodeName node, KubeFault fault) {
    // Deleted under us, perhaps: the next write creates it again.
    stored.remove(node);
    return new Written.Failed("NodeNetwork " + node + ": " + fault);
  }
}
