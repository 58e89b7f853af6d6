package io.portolan.common.controller;

import io.portolan.common.api.v1alpha1.NetworkProfileSpec;
import io.portolan.common.cloud.CloudCapabilities;
import io.portolan.common.cloud.CloudNetwork;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.Placement;
import io.portolan.common.reconcile.Backoff;
import io.portolan.common.reconcile.KeyedQueue;
import io.portolan.common.reconcile.Outcome;
import io.portolan.common.reconcile.ReconcileLoop;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/**
 * The controller of one cloud, assembled.
 *
 * <pre>
 *   ClusterView (watches) ──┐                                     ┌─> CloudNetwork.execute
 *                           ├─> ReconcileLoop ─> node: NodePass ──┤
 *   CloudNetwork.observe  ──┘        │        (plan, carry out)   └─> SupplyWriter
 *            ^                       └─> cluster: one reading for all nodes, leaked interfaces
 *            └──────────────────────────────────────┘
 * </pre>
 *
 * Whoever feeds the view calls {@link #nodeChanged} for every change of a node, its pods, its
 * NodeNetwork, and for every node when a profile changes; and {@link #leading} when the lease comes
 * or goes.
 */
public final class CloudController implements AutoCloseable {
  private final ClusterReconciler reconciler;
  private final ReconcileLoop<ControllerKey> loop;
  private final ClusterView view;
  private final InstantSource time;

  /**
   * @param provider {@code aws}, {@code azure} or {@code gcp}: the NodeNetwork's provider
   * @param ipam which profiles this controller serves
   * @param workers nodes in work at once. Nodes that wait for the cloud's request budget count, and
   *     one bucket may be idle only if none of them wants it: far more than calls in flight
   * @param resync how often the cloud is read although nothing happens
   * @param orphanGrace how long an interface of a gone node is left alone before it is deleted
   * @param shutdownGrace how long closing waits for calls in flight
   */
  public record Settings(
      String provider,
      NetworkProfileSpec.Ipam ipam,
      int workers,
      Duration resync,
      Duration orphanGrace,
      Duration shutdownGrace) {

    public static Settings of(String provider, NetworkProfileSpec.Ipam ipam) {
      return new Settings(
          provider,
          ipam,
          2048,
          Duration.ofSeconds(60),
          Duration.ofMinutes(5),
          Duration.ofSeconds(10));
    }
  }

  public CloudController(
      Settings settings,
      CloudNetwork cloud,
      CloudCapabilities capabilities,
      Placement placement,
      ClusterView view,
      SupplyWriter writer,
      Leadership leadership,
      ControllerListener listener,
      InstantSource time,
      RandomGenerator random) {
    this.view = view;
    this.time = time;
    this.reconciler =
        new ClusterReconciler(
            new ClusterReconciler.Parts(
                settings.provider(),
                settings.ipam(),
                cloud,
                capabilities,
                placement,
                view,
                writer,
                leadership,
                time,
                settings.resync(),
                settings.orphanGrace(),
                listener),
            this::wake);
    this.loop =
        new ReconcileLoop<>(
            key -> measured(key, listener),
            new ReconcileLoop.Settings(
                settings.provider() + "-reconcile", settings.workers(), settings.shutdownGrace()),
            time,
            new KeyedQueue<>(Backoff.DEFAULT, random));
  }

  private Outcome measured(ControllerKey key, ControllerListener listener) {
    String loop =
        switch (key) {
          case ControllerKey.OfNode _ -> "node";
          case ControllerKey.OfCluster _ -> "cluster";
        };
    Instant start = time.instant();
    String result = "failed";
    try {
      Outcome outcome = reconciler.reconcile(key);
      result =
          switch (outcome) {
            case Outcome.Done _, Outcome.WakeAt _ -> "settled";
            case Outcome.Retry _, Outcome.RetryAfter _ -> "retry";
          };
      return outcome;
    } finally {
      listener.reconciled(loop, result, Duration.between(start, time.instant()));
    }
  }

  /** Addresses of all nodes, by their last plans. */
  public AddressTotals addresses() {
    return reconciler.addresses();
  }

  /** Starts the loop, not acting before {@link #leading}. */
  public void start() {
    loop.pause();
    loop.start();
  }

  /** Something about the node changed that may change its plan. Returns at once. */
  public void nodeChanged(NodeName node) {
    loop.add(new ControllerKey.OfNode(node), view.demand(node).pods());
  }

  /** Every node's plan may have changed: a profile did. */
  public void allChanged() {
    view.nodes().keySet().forEach(this::nodeChanged);
  }

  /** Begins or stops acting. Beginning forgets what was known: another process acted meanwhile. */
  public void leading(boolean leading) {
    if (leading) {
      reconciler.forgetEverything();
      loop.resume();
      loop.add(new ControllerKey.OfCluster(), 1);
      allChanged();
    } else {
      loop.pause();
    }
  }

  /** The node's last plan as text, with reasons. */
  public String explain(NodeName node) {
    return reconciler.explain(node);
  }

  @Override
  public void close() {
    loop.close();
  }

  private void wake(ControllerKey key, int urgency) {
    loop.add(key, urgency);
  }
}
