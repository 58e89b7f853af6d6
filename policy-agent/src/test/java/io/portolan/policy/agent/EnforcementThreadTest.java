package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.common.reconcile.Backoff;
import io.portolan.linux.nft.NftCommand;
import io.portolan.linux.nft.NftListing;
import io.portolan.linux.nft.NftOutcome;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTables;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.simulated.SimulatedNftTables;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.PodName;
import io.portolan.policy.nft.Skeleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the thread does besides answering requests, on time however many there are. */
class EnforcementThreadTest {
  private final SimulatedNftTables kernel = new SimulatedNftTables();
  private final RecordingObserver observer = new RecordingObserver();

  @Test
  void aNodeThatIsNeverIdleIsAuditedAllTheSame() throws Exception {
    Enforcer enforcer =
        new Enforcer(new Serialised(kernel), () -> {}, observer, InstantSource.system());
    try (EnforcementThread thread =
        EnforcementThread.start(enforcer, List.of(), Duration.ofMillis(50))) {
      thread.synced();
      request(thread);
      synchronized (kernel) {
        kernel
            .commit(NftTransaction.on(Skeleton.TABLE).flushChain(Skeleton.SPARED).build())
            .orThrow();
      }
      List<String> heard = new ArrayList<>();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (!isRepaired(heard) && System.nanoTime() < deadline) {
        request(thread);
        heard.addAll(observer.take());
      }
      assertThat(isRepaired(heard)).as("the chain somebody flushed is put right").isTrue();
    }
  }

  @Test
  void whatTheKernelRefusedIsTriedAgainByItself() throws Exception {
    Enforcer enforcer =
        new Enforcer(new Serialised(kernel), () -> {}, observer, InstantSource.system());
    Backoff soon = new Backoff(Duration.ofMillis(20), Duration.ofMillis(40), 0);
    try (EnforcementThread thread =
        EnforcementThread.start(enforcer, List.of(), Duration.ofHours(1), soon)) {
      synchronized (kernel) {
        kernel.refuse(command ->
            command instanceof NftCommand.AddRule rule && rule.chain().startsWith("np/"));
      }
      List<ClusterChange> cluster = new ArrayList<>();
      PodName name = new PodName("shop", "web");
      List<IpAddress> addresses = List.of(IpAddress.parse("10.0.0.1"));
      cluster.add(new ClusterChange.NamespaceSeen("shop", Map.of()));
      cluster.add(
          new ClusterChange.PodSeen(
              new ClusterPod(
                  name, "uid", Map.of(), "", false, addresses, List.of(), Instant.EPOCH)));
      cluster.add(new ClusterChange.PodWired(new LocalPod(name, "uid", "vweb", addresses)));
      cluster.add(
          new ClusterChange.PolicySeen(
              NetworkPolicies.decode(
                  new ObjectMapper()
                      .readTree(
                          """
                          {"metadata":{"namespace":"shop","name":"web"},
                           "spec":{"ingress":[{"ports":[{"port":80}]}]}}\
                          """))));
      cluster.forEach(thread::changed);
      thread.synced();
      await("left out [np/shop/web]");
      // The second is answered when the thread has said what became of the first.
      request(thread);
      request(thread);
      assertThat(thread.problem()).as("the others are in force").isEmpty();
      synchronized (kernel) {
        kernel.refuse(_ -> false);
      }
      await("left out []");
    }
  }

  private void await(String line) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    List<String> heard = new ArrayList<>(observer.take());
    while (!heard.contains(line) && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(5);
      heard.addAll(observer.take());
    }
    assertThat(heard).contains(line);
  }

  /** Two programs at one kernel, one after the other. */
  private record Serialised(SimulatedNftTables kernel) implements NftTables {
    @Override
    public NftOutcome commit(NftTransaction transaction, OptionalLong generation) {
      synchronized (kernel) {
        return kernel.commit(transaction, generation);
      }
    }

    @Override
    public Optional<NftListing> read(NftTable table) {
      synchronized (kernel) {
        return kernel.read(table);
      }
    }

    @Override
    public long generation() {
      synchronized (kernel) {
        return kernel.generation();
      }
    }
  }

  /** Returns when the thread has answered; a loop of these leaves it no pause. */
  private static void request(EnforcementThread thread) throws Exception {
    thread
        .forget(new LocalPod(new PodName("shop", "none"), "none", "vnone", List.of()))
        .get(5, TimeUnit.SECONDS);
  }

  private static boolean isRepaired(List<String> heard) {
    return heard.stream().anyMatch(line -> line.startsWith("repaired"));
  }
}
