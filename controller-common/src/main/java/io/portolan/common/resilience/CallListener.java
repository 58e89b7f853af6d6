package io.portolan.common.resilience;

import io.portolan.common.cloud.ApiOperation;
import java.time.Duration;

/** Told of every call to the cloud, for metrics. Must return at once. */
public interface CallListener {
  /** Tells nobody. */
  CallListener SILENT = (operation, result, waited, took) -> {};

  /**
   * @param result {@code Applied}, {@code Observed}, {@code Unknown} or a fault's reason
   * @param waited for the budget
   * @param took from sending to the answer
   */
  void called(ApiOperation operation, String result, Duration waited, Duration took);
}
