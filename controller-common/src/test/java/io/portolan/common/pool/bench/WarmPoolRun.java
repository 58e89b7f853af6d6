package io.portolan.common.pool.bench;

import io.portolan.common.model.Simulation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * A model of the per-node warm pool of the Amazon VPC CNI (amazon-vpc-cni-k8s v1.23, pkg/ipamd):
 * each node is a client of its own, looks at its pool every five seconds, fills interfaces it has,
 * makes one more if nothing could be filled. It sees addresses, not pods that wait.
 *
 * <p>Modelled are the calls that grow a pool; start-up and the reconciling calls are left out, in
 * favour of the model. A throttled call is repeated by the SDK twice with growing random delays
 * (the SDK's standard mode); a failed request for many addresses is followed by one for a single
 * address.
 */
final class WarmPoolRun {
  private static final int ATTEMPTS = 10;

  private final Simulation simulation = new Simulation();
  private final Ec2Account account = new Ec2Account(simulation);
  private final Instant start = simulation.instant();
  private final Random random;
  private final int warmIps;
  private final int minimumIps;
  private final List<Duration> waits = new ArrayList<>();
  private Instant lastServed = start;
  private long held;

  /**
   * @param warmIps WARM_IP_TARGET; 0 for the default, WARM_ENI_TARGET=1
   * @param minimumIps MINIMUM_IP_TARGET; 0 for none
   */
  WarmPoolRun(int warmIps, int minimumIps, long seed) {
    this.warmIps = warmIps;
    this.minimumIps = minimumIps;
    this.random = new Random(seed);
  }

  private final class Node {
    final List<Integer> addresses = new ArrayList<>(List.of(0));
    final Deque<Instant> waiting = new ArrayDeque<>();
    int used;

    int total() {
      return addresses.stream().mapToInt(Integer::intValue).sum();
    }

    int available() {
      return total() - used;
    }

    void bind() {
      waiting.add(simulation.instant());
      serve();
    }

    void serve() {
      while (!waiting.isEmpty() && available() > 0) {
        used++;
        waits.add(Duration.between(waiting.remove(), simulation.instant()));
        lastServed = simulation.instant();
      }
    }

    /** How many addresses the pool is short of. */
    int missing() {
      if (warmIps > 0 || minimumIps > 0) {
        return Math.max(Math.max(warmIps - available(), minimumIps - total()), 0);
      }
      return available() < Workload.SLOTS ? Workload.SLOTS : 0;
    }

    void adjust() {
      int missing = missing();
      if (missing == 0) {
        return;
      }
      for (int i = 0; i < addresses.size(); i++) {
        int free = Workload.SLOTS - addresses.get(i);
        if (free > 0) {
          fill(i, warmIps > 0 || minimumIps > 0 ? Math.min(missing, free) : free);
          return;
        }
      }
      if (addresses.size() < Workload.INTERFACES) {
        create(warmIps > 0 || minimumIps > 0 ? Math.min(missing, Workload.SLOTS) : Workload.SLOTS);
      }
    }

    void fill(int index, int count) {
      if (call("AssignPrivateIpAddresses")) {
        gain(index, count);
      } else if (call("AssignPrivateIpAddresses")) {
        gain(index, 1);
      }
    }

    void create(int count) {
      if (call("DescribeSubnets") && call("CreateNetworkInterface")) {
        if (call("DescribeInstances")
            && call("AttachNetworkInterface")
            && call("ModifyNetworkInterfaceAttribute")) {
          addresses.add(0);
          gain(addresses.size() - 1, count);
        } else {
          call("DeleteNetworkInterface");
        }
      }
    }

    void gain(int index, int count) {
      addresses.set(index, addresses.get(index) + count);
      held += count;
      serve();
    }

    boolean call(String operation) {
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (attempt > 0) {
          // The standard mode's exponential backoff with full jitter, 20 s at most.
          simulation.sleep(Duration.ofMillis(random.nextInt(Math.min(20_000, 1000 << attempt))));
        }
        if (account.call(operation)) {
          return true;
        }
      }
      return false;
    }
  }

  Result run(String name, Workload workload) {
    for (int n = 0; n < workload.joins().size(); n++) {
      Node node = new Node();
      Instant join = start.plus(workload.joins().get(n));
      simulation.spawnAt(
          join,
          () -> {
            while (simulation.instant().isBefore(start.plus(Duration.ofHours(2)))) {
              node.adjust();
              simulation.sleep(Duration.ofSeconds(5));
            }
          });
      for (Duration bind : workload.binds().get(n)) {
        simulation.spawnAt(join.plus(bind), node::bind);
      }
    }
    // Another minute after the last pod: calls still on their way count.
    Instant end = start.plus(Duration.ofHours(2));
    while (simulation.instant().isBefore(end)) {
      simulation.run(simulation.instant().plusSeconds(1));
      if (waits.size() == workload.pods() && lastServed.plusSeconds(60).isBefore(end)) {
        end = lastServed.plusSeconds(60);
      }
    }
    if (waits.size() != workload.pods()) {
      throw new IllegalStateException(name + " served " + waits.size() + " pods");
    }
    return new Result(name, account, waits, Duration.between(start, lastServed), held);
  }
}
