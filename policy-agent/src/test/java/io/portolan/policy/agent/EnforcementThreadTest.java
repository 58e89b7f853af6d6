package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.linux.nft.NftListing;
import io.portolan.linux.nft.NftOutcome;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTables;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.simulated.SimulatedNftTables;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.PodName;
import io.portolan.policy.nft.Skeleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
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
