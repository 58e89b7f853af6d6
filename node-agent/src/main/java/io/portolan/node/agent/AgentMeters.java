package io.portolan.node.agent;

import io.portolan.common.metrics.Meters;
import io.portolan.node.ipam.PoolView;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Passes on to the meters what the agent does, and changes of the pool to whom they concern. */
final class AgentMeters implements AgentObserver {
  private final Meters meters;
  private final Consumer<PoolView> onPoolChange;

  AgentMeters(Meters meters, Consumer<PoolView> onPoolChange) {
    this.meters = meters;
    this.onPoolChange = onPoolChange;
  }

  /** Shows the pool as it is whenever the meters are read. */
  static void show(Meters meters, Supplier<PoolView> pool) {
    meters.poolAddresses("held", () -> pool.get().held());
    meters.poolAddresses("resting", () -> pool.get().resting());
    meters.poolAddresses("free", () -> pool.get().free());
    meters.poolAddresses("orphaned", () -> pool.get().orphans().size());
    meters.addressWaiting(() -> pool.get().waiting());
  }

  @Override
  public void called(String command, int code, Duration took) {
    meters.cniCalled(command, code, took);
  }

  @Override
  public void granted(Duration waited) {
    meters.addressWaited(waited);
  }

  @Override
  public void journalSynced(Duration took) {
    meters.journalSynced(took);
  }

  @Override
  public void changed(PoolView now) {
    onPoolChange.accept(now);
  }
}
