package io.portolan.lab.scenario;

import io.portolan.common.net.IpAddress;
import io.portolan.lab.cluster.LabNode;
import io.portolan.lab.cluster.LabPod;
import io.portolan.lab.matrix.Answer;
import io.portolan.lab.report.LabReport.Check;
import io.portolan.linux.route.Address;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.RouteSocket;
import io.portolan.sim.ec2.VpcView;
import io.portolan.sim.ec2.model.NetworkInterface;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the matrix cannot show: whose addresses they are, spoofing, the way to the world. */
final class AwsChecks {
  private static final IpAddress SPOOFED = IpAddress.parse("10.0.0.250");
  private static final int SPOOF_PORT = 9999;

  private final AwsCluster cluster;
  private final VpcView view;

  AwsChecks(AwsCluster cluster) {
    this.cluster = cluster;
    this.view = cluster.world().view();
  }

  List<Check> all() throws IOException, InterruptedException {
    return List.of(ownership(), uniqueness(), secondInterface(), world(), spoofing(), adds());
  }

  /** The claims about addresses alone. */
  List<Check> addresses() {
    return List.of(ownership(), uniqueness());
  }

  /** The cloud interface that carries a pod's address; {@code -} if there is none. */
  String interfaceOf(LabPod pod) {
    return owner(pod).map(eni -> eni.id().toString()).orElse("-");
  }

  private Optional<NetworkInterface> owner(LabPod pod) {
    return view.owner(view.vpcs().getFirst().id(), pod.addresses().getFirst());
  }

  private Check ownership() {
    List<String> wrong = new ArrayList<>();
    for (LabPod pod : cluster.kubelet().pods()) {
      String instance = cluster.node(pod.spec().node()).instanceId();
      if (owner(pod)
          .filter(eni ->
              eni.isAttached()
                  && eni.attachment().orElseThrow().instance().toString().equals(instance))
          .isEmpty()) {
        wrong.add(pod.spec().key() + " " + pod.addresses());
      }
    }
    return new Check(
        "every address belongs to an ENI of its node",
        wrong.isEmpty(),
        wrong.isEmpty() ? cluster.kubelet().pods().size() + " pods" : String.join(", ", wrong));
  }

  private Check uniqueness() {
    Set<IpAddress> seen = new HashSet<>();
    List<String> twice = new ArrayList<>();
    for (LabPod pod : cluster.kubelet().pods()) {
      for (IpAddress address : pod.addresses()) {
        if (!seen.add(address)) {
          twice.add(address + " on " + pod.spec().key());
        }
      }
    }
    return new Check(
        "no address is on two pods",
        twice.isEmpty(),
        twice.isEmpty() ? seen.size() + " addresses" : String.join(", ", twice));
  }

  private Check secondInterface() {
    TreeMap<String, Long> counts = new TreeMap<>();
    for (LabNode node : cluster.nodes()) {
      counts.put(
          node.name(),
          view.interfaces().stream()
              .filter(NetworkInterface::isAttached)
              .filter(eni ->
                  eni.attachment().orElseThrow().instance().toString().equals(node.instanceId()))
              .count());
    }
    return new Check(
        "a second ENI is attached where the first is full",
        counts.values().stream().anyMatch(count -> count > 1),
        "ENIs: " + counts);
  }

  /** Of every pod of shop, whichever ENI its address belongs to: none of them is kept inside. */
  private Check world() throws IOException {
    List<String> wrong = new ArrayList<>();
    Set<String> nodes = new TreeSet<>();
    int asked = 0;
    for (LabNode node : cluster.nodes()) {
      for (LabPod pod : cluster.kubelet().pods()) {
        if (pod.spec().node().equals(node.name()) && pod.spec().namespace().equals("shop")) {
          asked++;
          nodes.add(node.name());
          Answer answer =
              Probing.one(pod.namespace(), AwsCluster.WORLD_HOST, AwsCluster.WORLD_PORT);
          if (!answer.equals(new Answer.Connected(AwsCluster.WORLD_NAME, node.address()))) {
            wrong.add(pod.spec().key() + " on " + node.name() + ": " + answer);
          }
        }
      }
    }
    return new Check(
        "outside the VPC a pod has its node's address",
        wrong.isEmpty() && nodes.size() == cluster.nodes().size(),
        wrong.isEmpty()
            ? asked + " pods asked, of " + nodes.size() + " nodes"
            : String.join(", ", wrong));
  }

  /** One datagram from the pod's own address must arrive, one from a stranger's must not. */
  private Check spoofing() throws IOException, InterruptedException {
    LabPod from = find("shop", "api");
    LabPod to =
        cluster.kubelet().pods().stream()
            .filter(p ->
                p.spec().namespace().equals("shop")
                    && p.spec().name().startsWith("api")
                    && !p.spec().node().equals(from.spec().node()))
            .findFirst()
            .orElseThrow();
    try (RouteSocket inside = RouteSocket.openIn(from.namespace())) {
      int link = inside.link("eth0").orElseThrow().index();
      Address stranger = Address.of(link, new IpPrefix(SPOOFED.toInetAddress(), 32));
      inside.addIfAbsent(stranger);
      try (DatagramChannel receiver =
          to.namespace()
              .<DatagramChannel, IOException>call(
                  () -> DatagramChannel.open().bind(new InetSocketAddress(SPOOF_PORT)))) {
        receiver.configureBlocking(false);
        send(from, SPOOFED, to, "spoofed");
        send(from, from.addresses().getFirst(), to, "honest");
        List<String> arrived = receive(receiver);
        return new Check(
            "a spoofed source is dropped",
            arrived.equals(List.of("honest")),
            from.spec().key() + " sent as " + SPOOFED + " and as itself; arrived: " + arrived);
      } finally {
        inside.delete(stranger);
      }
    }
  }

  private static void send(LabPod from, IpAddress source, LabPod to, String text)
      throws IOException {
    try (DatagramChannel sender =
        from.namespace()
            .<DatagramChannel, IOException>call(() ->
                DatagramChannel.open().bind(new InetSocketAddress(source.toInetAddress(), 0)))) {
      sender.send(
          ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)),
          new InetSocketAddress(to.addresses().getFirst().toInetAddress(), SPOOF_PORT));
    }
  }

  /**
   * Everything that arrives until half a second after the first datagram, or within two seconds.
   */
  private static List<String> receive(DatagramChannel receiver)
      throws IOException, InterruptedException {
    List<String> arrived = new ArrayList<>();
    long deadline = System.nanoTime() + 2_000_000_000L;
    while (System.nanoTime() < deadline) {
      ByteBuffer buffer = ByteBuffer.allocate(64);
      if (receiver.receive(buffer) == null) {
        Thread.sleep(10);
        continue;
      }
      if (arrived.isEmpty()) {
        deadline = System.nanoTime() + 500_000_000L;
      }
      arrived.add(StandardCharsets.US_ASCII.decode(buffer.flip()).toString());
    }
    return arrived;
  }

  private LabPod find(String namespace, String app) {
    return cluster.kubelet().pods().stream()
        .filter(p -> p.spec().namespace().equals(namespace) && p.spec().name().startsWith(app))
        .findFirst()
        .orElseThrow();
  }

  private Check adds() {
    List<String> failures = cluster.kubelet().addFailures();
    return new Check(
        "no CNI ADD failed",
        failures.isEmpty(),
        failures.isEmpty()
            ? cluster.kubelet().addNanos().size() + " ADDs"
            : failures.size() + " failed, first: " + failures.getFirst());
  }
}
