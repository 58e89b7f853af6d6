package io.portolan.common.runtime;

import io.portolan.common.cloud.ApiOperation;
import io.portolan.common.controller.AddressTotals;
import io.portolan.common.controller.ControllerListener;
import io.portolan.common.kube.KubeCallListener;
import io.portolan.common.metrics.Meters;
import io.portolan.common.resilience.AdaptiveBucket;
import io.portolan.common.resilience.ApiBudget;
import io.portolan.common.resilience.CallListener;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** What a controller tells about itself, as meters. Each method may be called by any thread. */
public final class ControllerMetrics implements ControllerListener, CallListener, KubeCallListener {
  private final Meters meters;
  private final ApiBudget budget;
  private final Set<ApiOperation> operations = ConcurrentHashMap.newKeySet();

  public ControllerMetrics(Meters meters, ApiBudget budget) {
    this.meters = meters;
    this.budget = budget;
  }

  /** Has the gauges ask the process. */
  public void observe(ControllerProcess process) {
    meters.leading(() -> process.leads() ? 1 : 0);
    Supplier<AddressTotals> totals = process::addresses;
    meters.poolAddresses("capacity", () -> totals.get().capacity());
    meters.poolAddresses("assigned", () -> totals.get().assigned());
    meters.poolAddresses("demand", () -> totals.get().demand());
    meters.poolAddresses("deficit", () -> totals.get().deficit());
  }

  /** A watch listed anew, broke or goes on. */
  void watched(String resource, String kind) {
    meters.watchEvent(resource, kind);
  }

  @Override
  public void reconciled(String loop, String outcome, Duration took) {
    meters.reconciled(loop, outcome, took);
  }

  @Override
  public void acted(String action, String outcome) {
    meters.poolAction(action, outcome);
  }

  @Override
  public void collected(String outcome) {
    meters.orphanCollected(outcome);
  }

  @Override
  public void called(ApiOperation operation, String result, Duration waited, Duration took) {
    meters.cloudCalled(operation.value(), result, took);
    meters.cloudBudgetWaited(operation.value(), waited);
    if (operations.add(operation)) {
      meters.cloudBudget(operation.value(), () -> rate(operation));
    }
  }

  private double rate(ApiOperation operation) {
    return Optional.ofNullable(budget.buckets().get(operation))
        .map(AdaptiveBucket::rate)
        .orElse(Double.NaN);
  }

  @Override
  public void called(String verb, String resource, String outcome, Duration took) {
    meters.kubeCalled(verb, resource, outcome, took);
  }
}
