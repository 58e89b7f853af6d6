package io.portolan.lab.scenario;

import io.portolan.lab.cluster.Kubelet;
import io.portolan.lab.cluster.LabPod;
import io.portolan.lab.cluster.PodSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Starts and stops many pods at once, as nodes do. */
final class PodFleet {
  /** As many sandboxes at once as two or three kubelets make on a small machine. */
  private static final int AT_ONCE = 12;

  private final Kubelet kubelet;

  PodFleet(Kubelet kubelet) {
    this.kubelet = kubelet;
  }

  void start(Collection<PodSpec> pods) throws IOException, InterruptedException {
    all(pods.stream().<Callable<?>>map(spec -> () -> kubelet.start(spec)).toList());
  }

  void stop(Collection<LabPod> pods) throws IOException, InterruptedException {
    all(
        pods.stream()
            .<Callable<?>>map(pod ->
                () -> {
                  kubelet.stop(pod);
                  return pod;
                })
            .toList());
  }

  /** Pods of a machine that is gone: nobody is there to stop them. */
  void forget(Collection<LabPod> pods) {
    pods.forEach(kubelet::forget);
  }

  private static void all(List<Callable<?>> tasks) throws IOException, InterruptedException {
    try (ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<?>> running = new ArrayList<>();
      tasks.forEach(task -> running.add(workers.submit(task)));
      for (Future<?> future : running) {
        try {
          future.get();
        } catch (ExecutionException e) {
          workers.shutdownNow();
          Throwable cause = e.getCause() == null ? e : e.getCause();
          throw new IOException(cause.getMessage(), cause);
        }
      }
    }
  }
}
