package io.portolan.sim.kube.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.kube.KubeClient;
import io.portolan.common.leader.KubeLeaseStore;
import io.portolan.common.leader.LeaseElection;
import io.portolan.common.leader.LeaseTiming;
import io.portolan.sim.kube.ApiOptions;
import io.portolan.sim.kube.KubeApiServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeaseElectionTest {
  private static final LeaseTiming QUICK =
      new LeaseTiming(Duration.ofSeconds(2), Duration.ofMillis(1200), Duration.ofMillis(100));

  /** Whoever leads within a test's patience has not waited for one of these to expire. */
  private static final LeaseTiming LONG =
      new LeaseTiming(Duration.ofMinutes(10), Duration.ofMinutes(6), Duration.ofMillis(100));

  private final List<String> changes = new CopyOnWriteArrayList<>();
  private KubeApiServer server;
  private KubeClient client;

  @BeforeEach
  void start() throws IOException {
    server = KubeApiServer.start(ApiOptions.DEFAULT);
    client = KubeClient.to(server.url(), Optional.empty(), "election-test");
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private LeaseElection join(String identity, LeaseTiming timing) {
    return LeaseElection.start(
        new KubeLeaseStore(client, "kube-system", "portolan-test"),
        identity,
        timing,
        leading -> changes.add(identity + (leading ? " leads" : " follows")));
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
      Thread.sleep(5);
    }
  }

  @Test
  void closingHandsOverAtOnce() throws Exception {
    LeaseElection one = join("one", LONG);
    await(one::isCurrent);
    try (LeaseElection two = join("two", LONG)) {
      one.close();
      assertThat(one.isCurrent()).isFalse();
      await(two::isCurrent);
      assertThat(
              server
                  .objects()
                  .get("leases.coordination.k8s.io", "kube-system", "portolan-test")
                  .orElseThrow()
                  .at("/spec/holderIdentity")
                  .asText())
          .isEqualTo("two");
    }
    assertThat(changes).containsExactly("one leads", "one follows", "two leads", "two follows");
  }

  @Test
  void anOutageEndsLeadershipBeforeAnotherCanBegin() throws Exception {
    try (LeaseElection one = join("one", QUICK)) {
      await(one::isCurrent);
      try (LeaseElection two = join("two", QUICK)) {
        server.faults().down(Duration.ofDays(1));
        await(() -> !one.isCurrent());
        assertThat(two.isCurrent()).isFalse();
        server.faults().none();
        await(() -> one.isCurrent() || two.isCurrent());
        assertThat(one.isCurrent() && two.isCurrent()).isFalse();
      }
    }
  }
}
