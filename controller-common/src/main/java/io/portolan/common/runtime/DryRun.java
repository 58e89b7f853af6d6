package io.portolan.common.runtime;

import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.CloudNetwork;
import io.portolan.common.cloud.CloudOutcome;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.ObservationScope;
import io.portolan.common.cloud.ObserveOutcome;
import io.portolan.common.controller.ClusterReconciler;
import io.portolan.common.controller.ControllerKey;
import io.portolan.common.controller.SupplyWriter;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.reconcile.Outcome;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Plans once for every node and tells, without changing anything in the cloud or in Kubernetes.
 *
 * <p>The real reconciler runs over a cloud whose every change ends open, so that each plan stops at
 * its first step and stands as it was made.
 */
public final class DryRun {
  private final KubeClient client;
  private final ControllerProcess.Cloud cloud;
  private final InstantSource time;

  public DryRun(KubeClient client, ControllerProcess.Cloud cloud, InstantSource time) {
    this.client = client;
    this.cloud = cloud;
    this.time = time;
  }

  /** Every node's plan as text; blocks until the cluster and the cloud have been read. */
  public String report() throws InterruptedException {
    try (KubeClusterView view = new KubeClusterView(cloud.machineOf(), time, new Deaf())) {
      view.follow(client);
      view.awaitSynced();
      ClusterReconciler reconciler =
          new ClusterReconciler(
              new ClusterReconciler.Parts(
                  cloud.settings().provider(),
                  cloud.settings().ipam(),
                  new ReadOnly(cloud.cloud()),
                  cloud.capabilities(),
                  cloud.placement(),
                  view,
                  (node, spec, supply, conditions) -> new SupplyWriter.Written.Stored(),
                  () -> Optional.of(Instant.EPOCH),
                  time,
                  cloud.settings().resync(),
                  cloud.settings().orphanGrace()),
              (key, urgency) -> {});
      StringBuilder report = new StringBuilder();
      if (reconciler.reconcile(new ControllerKey.OfCluster()) instanceof Outcome.Retry retry) {
        report.append("the cloud cannot be read: ").append(retry.why()).append('\n');
      }
      for (NodeName node : view.nodes().keySet()) {
        reconciler.reconcile(new ControllerKey.OfNode(node));
        report.append(reconciler.explain(node));
      }
      return report.toString();
    }
  }

  private static final class Deaf implements KubeClusterView.Listener {
    @Override
    public void nodeChanged(NodeName node) {
      // One look is all there is.
    }

    @Override
    public void allChanged() {
      // One look is all there is.
    }
  }

  private record ReadOnly(CloudNetwork real) implements CloudNetwork {
    @Override
    public ObserveOutcome observe(ObservationScope scope) {
      return real.observe(scope);
    }

    @Override
    public CloudOutcome execute(CloudAction action) {
      return new CloudOutcome.Unknown("dry run: " + action);
    }
  }
}
