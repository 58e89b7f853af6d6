package io.portolan.lab.scenario;

import io.portolan.lab.cluster.LabPod;
import io.portolan.lab.cluster.Software;
import io.portolan.lab.control.ControlServer;
import io.portolan.lab.control.LabDirectory;
import io.portolan.lab.report.LabReport;
import io.portolan.linux.netns.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Runs scenarios from beginning to end. */
public final class Lab {
  private Lab() {}

  /**
   * Scenario {@code aws}.
   *
   * @param print gets the report as soon as it is there, before a kept lab waits
   * @throws IllegalStateException if a lab of that name is running
   */
  public static LabReport aws(LabOptions options, Progress progress, Consumer<LabReport> print)
      throws IOException, InterruptedException {
    for (String left : LabDirectory.sweep(LabDirectory.root())) {
      progress.step("removed what a killed lab '" + left + "' left");
    }
    try (LabDirectory directory = claim("aws")) {
      CountDownLatch down = new CountDownLatch(1);
      // Ctrl-C: ends the wait of a kept lab, so that the agents stop before their namespaces go.
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(down::countDown));
      try (AwsCluster cluster =
              new AwsCluster(directory, Software.current(), options.seed(), List.of());
          ControlServer control =
              ControlServer.start(
                  directory.controlSocket(), new Inside(() -> places(cluster), down))) {
        LabReport report = new AwsScenario(cluster, options, progress).run();
        print.accept(report);
        if (options.keep()) {
          progress.step(
              "staying up; in another terminal: ./portolan lab exec shop/web-0 -- ip route;"
                  + " ./portolan lab down");
          down.await();
        }
        progress.step("cleaning up");
        return report;
      }
    }
  }

  /** Scenario {@code aws-churn}. */
  public static LabReport awsChurn(ChurnOptions options, Progress progress) throws Exception {
    LabDirectory.sweep(LabDirectory.root());
    try (LabDirectory directory = claim("aws-churn");
        // Alone in its cluster, so that a killed controller need not outwait its own lease.
        AwsCluster cluster =
            new AwsCluster(
                directory, Software.current(), options.seed(), List.of("--no-leader-election"));
        ControlServer control =
            ControlServer.start(
                directory.controlSocket(),
                new Inside(() -> places(cluster), new CountDownLatch(1)))) {
      return new AwsChurn(cluster, options, progress).run();
    }
  }

  private static LabDirectory claim(String name) throws IOException {
    return LabDirectory.claim(LabDirectory.root(), name)
        .orElseThrow(() ->
            new IllegalStateException(
                "a lab '" + name + "' is running; end it with ./portolan lab down " + name));
  }

  /**
   * A Calico scenario.
   *
   * @param print gets the report as soon as it is there, before a kept lab waits
   * @throws IllegalStateException if a lab of that name is running
   */
  public static LabReport calico(
      CalicoVariant variant, LabOptions options, Progress progress, Consumer<LabReport> print)
      throws IOException, InterruptedException {
    if (variant == CalicoVariant.BGP && !Files.isExecutable(TopOfRack.BIRD)) {
      throw new IllegalStateException(
          TopOfRack.BIRD + " is missing; install BIRD 2 (Debian and Ubuntu: package bird2)");
    }
    LabDirectory.sweep(LabDirectory.root());
    try (LabDirectory directory = claim(variant.scenario())) {
      CountDownLatch down = new CountDownLatch(1);
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(down::countDown));
      try (CalicoCluster cluster =
              new CalicoCluster(
                  directory, Software.current(), options.seed(), variant == CalicoVariant.BGP);
          ControlServer control =
              ControlServer.start(
                  directory.controlSocket(), new Inside(() -> places(cluster), down))) {
        LabReport report = new CalicoScenario(cluster, variant, options, progress).run();
        print.accept(report);
        if (options.keep()) {
          progress.step(
              "staying up; in another terminal: ./portolan lab exec node-1 -- ip route;"
                  + " ./portolan lab down");
          down.await();
        }
        progress.step("cleaning up");
        return report;
      }
    }
  }

  private static Map<String, NetworkNamespace> places(AwsCluster cluster) {
    Map<String, NetworkNamespace> places = new TreeMap<>();
    cluster.nodes().forEach(node -> places.put(node.name(), node.namespace()));
    places.put(AwsCluster.WORLD_NAME, cluster.outside());
    places.put("fabric", cluster.fabric());
    for (LabPod pod : cluster.kubelet().pods()) {
      places.put(pod.spec().key(), pod.namespace());
    }
    return places;
  }

  private static Map<String, NetworkNamespace> places(CalicoCluster cluster) {
    Map<String, NetworkNamespace> places = new TreeMap<>();
    cluster.members().forEach(m -> places.put(m.node().name(), m.node().namespace()));
    places.put(CalicoCluster.WORLD_NAME, cluster.outside());
    places.put("fabric", cluster.fabric().namespace());
    for (LabPod pod : cluster.kubelet().pods()) {
      places.put(pod.spec().key(), pod.namespace());
    }
    return places;
  }

  /** What outside commands may do in a cluster, whose namespaces have names. */
  private record Inside(Supplier<Map<String, NetworkNamespace>> named, CountDownLatch end)
      implements ControlServer.Inside {
    @Override
    public Process exec(String target, List<String> command) throws IOException {
      Map<String, NetworkNamespace> places = named.get();
      NetworkNamespace place = places.get(target);
      if (place == null) {
        throw new IllegalArgumentException(
            "there is no '"
                + target
                + "'; there is: "
                + String.join(" ", new ArrayList<>(places.keySet())));
      }
      return place.<Process, IOException>call(() -> new ProcessBuilder(command).start());
    }

    @Override
    public void down() {
      end.countDown();
    }
  }
}
