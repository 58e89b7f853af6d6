package io.portolan.lab.scenario;

import io.portolan.common.net.IpAddress;
import io.portolan.lab.cluster.LabPod;
import io.portolan.lab.matrix.Answer;
import io.portolan.lab.matrix.Probe;
import io.portolan.lab.probe.Attempt;
import io.portolan.lab.probe.Prober;
import io.portolan.linux.netns.NetworkNamespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Asks the questions of a matrix with packets, from inside the pods. */
final class Probing {
  /**
   * The initial retransmission of TCP comes after 1 s (RFC 6298); two chances, then it is silence.
   */
  private static final Duration SILENCE = Duration.ofMillis(1500);

  private Probing() {}

  /** Every pod to every other pod, on every port that any pod listens on. */
  static Map<Probe, Answer> everyPair(Collection<LabPod> pods) throws IOException {
    List<Attempt<Probe>> attempts = new ArrayList<>();
    for (LabPod from : pods) {
      List<Probe> probes = new ArrayList<>();
      for (LabPod to : pods) {
        if (!to.spec().key().equals(from.spec().key())) {
          for (int port : new TreeSet<>(to.spec().ports().values())) {
            probes.add(new Probe(from.workload(), to.workload(), port));
          }
        }
      }
      attempts.addAll(open(from.namespace(), probes));
    }
    return Prober.run(attempts, SILENCE);
  }

  /** One connection from a namespace to an address. */
  static Answer one(NetworkNamespace from, IpAddress to, int port) throws IOException {
    SocketChannel channel = from.<SocketChannel, IOException>call(SocketChannel::open);
    InetSocketAddress target = new InetSocketAddress(to.toInetAddress(), port);
    return Prober.run(List.of(new Attempt<>("one", channel, target)), SILENCE)
        .values()
        .iterator()
        .next();
  }

  private static List<Attempt<Probe>> open(NetworkNamespace from, List<Probe> probes)
      throws IOException {
    return from.<List<Attempt<Probe>>, IOException>call(() -> {
      List<Attempt<Probe>> attempts = new ArrayList<>();
      for (Probe probe : probes) {
        attempts.add(
            new Attempt<>(
                probe,
                SocketChannel.open(),
                new InetSocketAddress(
                    probe.to().addresses().getFirst().toInetAddress(), probe.port())));
      }
      return attempts;
    });
  }
}
