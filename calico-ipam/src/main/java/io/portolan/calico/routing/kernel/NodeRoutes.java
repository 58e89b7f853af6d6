package io.portolan.calico.routing.kernel;

import io.portolan.calico.routing.RoutingChange;
import io.portolan.calico.routing.RoutingPlan;
import io.portolan.calico.routing.RoutingPlanner;
import io.portolan.calico.routing.RoutingSnapshot;
import io.portolan.calico.routing.RoutingState;
import io.portolan.linux.nft.kernel.KernelNftTables;
import io.portolan.linux.route.RouteSocket;
import java.util.List;
import java.util.Optional;

/**
 * Keeps a kernel as the planner wants it. Used by one thread.
 *
 * <p>What was put into the kernel is remembered, so that a change of the cluster costs the kernel
 * that change only; {@link #distrust} has it read again.
 */
public final class NodeRoutes implements AutoCloseable {
  private final RouteSocket socket = RouteSocket.open();
  private final KernelNftTables tables = KernelNftTables.open();
  private final KernelRouting kernel = new KernelRouting(socket, tables);

  /** Empty if the kernel has to be read. */
  private Optional<RoutingState> held = Optional.empty();

  /** Opens sockets in the namespace of the calling thread, to be used by a thread in it. */
  public NodeRoutes() {}

  /**
   * What came of a reconciliation.
   *
   * @param changes how many were wanted
   * @param failures what failed, in words; it is tried again with the next
   */
  public record Outcome(RoutingPlan plan, int changes, List<String> failures) {
    public Outcome {
      failures = List.copyOf(failures);
    }
  }

  /** Plans, compares and changes what differs. */
  public Outcome reconcile(RoutingSnapshot snapshot) {
    RoutingPlan plan = RoutingPlanner.plan(snapshot);
    RoutingState observed = held.orElseGet(() -> kernel.observe(plan.state()));
    List<RoutingChange> changes = plan.state().changesFrom(observed);
    List<String> failures = kernel.apply(changes);
    held = failures.isEmpty() ? Optional.of(plan.state()) : Optional.empty();
    return new Outcome(plan, changes.size(), failures);
  }

  /** Somebody else may have changed something: the next reconciliation reads the kernel. */
  public void distrust() {
    held = Optional.empty();
  }

  /** Whether this kernel can make IPIP devices; asks it to load what it needs for that. */
  public boolean hasIpip() {
    return kernel.hasIpip();
  }

  @Override
  public void close() {
    socket.close();
    tables.close();
  }
}
