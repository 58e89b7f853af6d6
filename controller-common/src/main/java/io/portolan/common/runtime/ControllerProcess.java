package io.portolan.common.runtime;

import io.portolan.common.cloud.CloudCapabilities;
import io.portolan.common.cloud.CloudNetwork;
import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.Placement;
import io.portolan.common.controller.AddressTotals;
import io.portolan.common.controller.CloudController;
import io.portolan.common.controller.ControllerListener;
import io.portolan.common.controller.Leadership;
import io.portolan.common.controller.NodeEvent;
import io.portolan.common.kube.EventWriter;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.NodeNetworkRepository;
import io.portolan.common.leader.LeaseElection;
import io.portolan.common.leader.LeaseStore;
import io.portolan.common.leader.LeaseTiming;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cloud's controller with everything around it, from the first listing to the released lease.
 *
 * <pre>
 *   watches ──> KubeClusterView ──> CloudController ──> GuardedCloudNetwork ──> cloud
 *                                        │   ^
 *                      KubeSupplyWriter <┘   └ lease: leading, not leading
 * </pre>
 */
public final class ControllerProcess implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ControllerProcess.class);

  private final KubeClusterView view;
  private final CloudController controller;
  private final InstantSource time;
  private final ControllerMetrics metrics;
  private final EventWriter events;
  private final CountDownLatch electing = new CountDownLatch(1);
  private volatile @Nullable LeaseElection election;
  private volatile Optional<Instant> leaderSince = Optional.empty();

  /**
   * What a cloud brings along.
   *
   * @param cloud guarded already
   * @param machineOf the machine behind a {@code spec.providerID}
   */
  public record Cloud(
      CloudController.Settings settings,
      CloudNetwork cloud,
      CloudCapabilities capabilities,
      Placement placement,
      Function<String, Optional<InstanceId>> machineOf) {}

  /**
   * Who reports events.
   *
   * @param component such as {@code portolan-aws-vpc}
   * @param instance which of its processes
   */
  public record Reporter(String component, String instance) {}

  private ControllerProcess(
      KubeClient client,
      Cloud cloud,
      ControllerMetrics metrics,
      Reporter reporter,
      InstantSource time) {
    this.time = time;
    this.metrics = metrics;
    this.events = new EventWriter(client, reporter.component(), reporter.instance(), time);
    NodeEvents nodeEvents = new NodeEvents(events);
    this.view = new KubeClusterView(cloud.machineOf(), time, new Forward());
    this.controller =
        new CloudController(
            cloud.settings(),
            cloud.cloud(),
            cloud.capabilities(),
            cloud.placement(),
            view,
            new KubeSupplyWriter(new NodeNetworkRepository(client), view, time),
            new Lease(),
            new Told(metrics, nodeEvents),
            time,
            RandomGenerator.getDefault());
  }

  /**
   * Begins to follow the cluster and returns; acting begins with {@link #lead}, once everything has
   * been listed.
   */
  public static ControllerProcess follow(
      KubeClient client, Cloud cloud, ControllerMetrics metrics, Reporter reporter) {
    client.listen(metrics);
    ControllerProcess process =
        new ControllerProcess(client, cloud, metrics, reporter, InstantSource.system());
    metrics.observe(process);
    process.view.follow(client);
    return process;
  }

  /**
   * Waits for the first listings, then takes part in the election, or leads at once without one.
   *
   * @param lease empty where there is certainly no other process
   */
  public void lead(Optional<LeaseStore> lease, String identity) throws InterruptedException {
    view.awaitSynced();
    log.info("the cluster is known: {} nodes", view.nodes().size());
    controller.start();
    if (lease.isEmpty()) {
      leading(true);
      return;
    }
    election = LeaseElection.start(lease.get(), identity, LeaseTiming.DEFAULT, this::elected);
    electing.countDown();
  }

  /** Told on the election's thread, perhaps before {@link #election} is set. */
  private void elected(boolean leads) {
    try {
      if (electing.await(1, TimeUnit.MINUTES)) {
        leading(leads);
      }
    } catch (InterruptedException e) {
      // Closing: nothing is begun any more.
      Thread.currentThread().interrupt();
    }
  }

  private void leading(boolean leads) {
    leaderSince = leads ? Optional.of(time.instant()) : Optional.empty();
    controller.leading(leads);
  }

  /** Addresses of all nodes, by their last plans. */
  public AddressTotals addresses() {
    return controller.addresses();
  }

  public boolean leads() {
    return new Lease().since().isPresent();
  }

  /** What is wrong with the connection to the API server, if anything. */
  public Optional<String> problem() {
    return view.problem();
  }

  /** The last plan of a node, with reasons. */
  public String explain(NodeName node) {
    return controller.explain(node);
  }

  /**
   * Ends in order: no new work, what is in flight ends or is abandoned, then the lease is released,
   * so that the next process finds nothing half done by this one.
   */
  @Override
  public void close() {
    controller.close();
    LeaseElection current = election;
    if (current != null) {
      current.close();
    }
    view.close();
    events.close();
  }

  private final class Lease implements Leadership {
    @Override
    public Optional<Instant> since() {
      LeaseElection current = election;
      return current == null || current.isCurrent() ? leaderSince : Optional.empty();
    }
  }

  private record Told(ControllerMetrics metrics, NodeEvents events) implements ControllerListener {
    @Override
    public void reconciled(String loop, String outcome, Duration took) {
      metrics.reconciled(loop, outcome, took);
    }

    @Override
    public void acted(String action, String outcome) {
      metrics.acted(action, outcome);
    }

    @Override
    public void collected(String outcome) {
      metrics.collected(outcome);
    }

    @Override
    public void changed(NodeName node, List<NodeEvent> changes) {
      events.report(node, changes);
    }
  }

  /** Events before the first leadership are not lost: leading begins with every node. */
  private final class Forward implements KubeClusterView.Listener {
    @Override
    public void nodeChanged(NodeName node) {
      if (leaderSince.isPresent()) {
        controller.nodeChanged(node);
      }
    }

    @Override
    public void allChanged() {
      if (leaderSince.isPresent()) {
        controller.allChanged();
      }
    }

    @Override
    public void watched(String resource, String kind) {
      metrics.watched(resource, kind);
    }
  }
}
