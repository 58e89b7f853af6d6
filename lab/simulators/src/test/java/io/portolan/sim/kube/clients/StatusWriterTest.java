package io.portolan.sim.kube.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import io.portolan.common.kube.StatusWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StatusWriterTest {
  @Test
  void valuesThatArriveDuringAWriteReplaceOneAnother() throws Exception {
    BlockingQueue<String> written = new LinkedBlockingQueue<>();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    try (StatusWriter<String, Integer> writer =
        new StatusWriter<>(
            "test",
            Duration.ofMillis(1),
            (key, value) -> {
              written.add(key + "=" + value);
              begun.countDown();
              awaitLatch(mayEnd);
              return new KubeResult.Ok<>(value);
            })) {
      writer.submit("n1", 0);
      awaitLatch(begun);
      for (int i = 1; i <= 100; i++) {
        writer.submit("n1", i);
      }
      writer.submit("n2", 7);
      mayEnd.countDown();
      assertThat(written.poll(10, TimeUnit.SECONDS)).isEqualTo("n1=0");
      assertThat(List.of(written.take(), written.take()))
          .containsExactlyInAnyOrder("n1=100", "n2=7");
      // Already written: nothing to do, so the next write is n3's.
      writer.submit("n1", 100);
      writer.submit("n3", 1);
      assertThat(written.poll(10, TimeUnit.SECONDS)).isEqualTo("n3=1");
    }
  }

  @Test
  void aPassingFaultIsRepeatedWithTheNewestValue() throws Exception {
    List<Integer> tried = new CopyOnWriteArrayList<>();
    CountDownLatch done = new CountDownLatch(1);
    CountDownLatch failed = new CountDownLatch(1);
    try (StatusWriter<String, Integer> writer =
        new StatusWriter<>(
            "test",
            Duration.ofMillis(1),
            (key, value) -> {
              tried.add(value);
              if (tried.size() == 1) {
                failed.countDown();
                return new KubeResult.Failed<>(
                    new KubeFault(
                        KubeFault.Kind.UNAVAILABLE, 503, "", "simulated", Optional.empty()));
              }
              done.countDown();
              return new KubeResult.Ok<>(value);
            })) {
      writer.submit("n1", 1);
      awaitLatch(failed);
      writer.submit("n1", 2);
      awaitLatch(done);
      assertThat(tried).containsExactly(1, 2);
    }
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
