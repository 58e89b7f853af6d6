package io.portolan.common.leader;

import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/**
 * A lease in memory with an unreliable wire: requests get lost before or after they take effect,
 * and take time, which passes in the simulated world.
 */
final class ContestedLease {
  private LeaseRecord stored = LeaseRecord.NONE;
  private long version;
  private boolean down;
  private double loss;

  void down(boolean value) {
    down = value;
  }

  void loss(double rate) {
    loss = rate;
  }

  LeaseRecord stored() {
    return stored;
  }

  /** The wire of one contender. */
  LeaseStore wire(Random random, Consumer<Duration> world) {
    return new LeaseStore() {
      @Override
      public KubeResult<LeaseRecord> read() {
        world.accept(latency());
        if (lost()) {
          return failed(KubeFault.Kind.UNAVAILABLE);
        }
        LeaseRecord read = stored;
        world.accept(latency());
        return lost() ? failed(KubeFault.Kind.UNAVAILABLE) : new KubeResult.Ok<>(read);
      }

      @Override
      public KubeResult<LeaseRecord> write(LeaseRecord record) {
        world.accept(latency());
        if (lost()) {
          return failed(KubeFault.Kind.UNAVAILABLE);
        }
        if (!record.version().equals(stored.version())) {
          return failed(KubeFault.Kind.CONFLICT);
        }
        stored =
            new LeaseRecord(
                record.holder(),
                record.duration(),
                record.acquired(),
                record.renewed(),
                record.transitions(),
                "v" + ++version);
        LeaseRecord written = stored;
        world.accept(latency());
        return lost() ? failed(KubeFault.Kind.UNAVAILABLE) : new KubeResult.Ok<>(written);
      }

      private Duration latency() {
        // Mostly quick, now and then slower than a whole lease.
        return random.nextInt(20) == 0
            ? Duration.ofMillis(random.nextInt(20_000))
            : Duration.ofMillis(random.nextInt(50));
      }

      private boolean lost() {
        return down || random.nextDouble() < loss;
      }
    };
  }

  private static KubeResult<LeaseRecord> failed(KubeFault.Kind kind) {
    return new KubeResult.Failed<>(new KubeFault(kind, 0, "", "simulated", Optional.empty()));
  }
}
