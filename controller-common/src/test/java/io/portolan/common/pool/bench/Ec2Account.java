package io.portolan.common.pool.bench;

import io.portolan.common.cloud.ApiCatalog;
import io.portolan.common.cloud.ApiOperation;
import io.portolan.common.model.Ec2Buckets;
import io.portolan.common.model.Simulation;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** The API side of one account and Region: counts calls, takes their time, throttles. */
final class Ec2Account {
  private final Simulation simulation;
  private final Ec2Buckets published = new Ec2Buckets();
  private final Map<String, Level> levels = new HashMap<>();
  final TreeMap<String, Integer> calls = new TreeMap<>();
  int throttled;

  private record Level(double tokens, Instant at) {}

  Ec2Account(Simulation simulation) {
    this.simulation = simulation;
  }

  /** One request; returns whether it was served. */
  boolean call(String operation) {
    calls.merge(operation, 1, Integer::sum);
    ApiCatalog.Bucket bucket =
        published.buckets().getOrDefault(new ApiOperation(operation), published.defaultBucket());
    Instant now = simulation.instant();
    Level level = levels.getOrDefault(operation, new Level(bucket.capacity(), now));
    double tokens =
        Math.min(
            bucket.capacity(),
            level.tokens()
                + Duration.between(level.at(), now).toNanos() / 1e9 * bucket.refillPerSecond());
    boolean served = tokens >= 1 - 1e-9;
    levels.put(operation, new Level(served ? tokens - 1 : tokens, now));
    throttled += served ? 0 : 1;
    simulation.sleep(served ? latency(operation) : Duration.ofMillis(50));
    return served;
  }

  int total() {
    return calls.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Assumed, the same for both sides: EC2 publishes none. Attaching includes waiting for it. */
  private static Duration latency(String operation) {
    return switch (operation) {
      case "AttachNetworkInterface" -> Duration.ofSeconds(2);
      case "CreateNetworkInterface" -> Duration.ofMillis(500);
      case "AssignPrivateIpAddresses" -> Duration.ofMillis(300);
      default -> Duration.ofMillis(150);
    };
  }
}
