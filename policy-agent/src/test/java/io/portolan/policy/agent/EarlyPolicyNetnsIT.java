package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.netns.NetworkNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pods that start beside a foreign plugin, under the packets of one who is not to reach them, long
 * before the API shows their addresses.
 */
class EarlyPolicyNetnsIT {
  private static final Logger LOG = LoggerFactory.getLogger(EarlyPolicyNetnsIT.class);
  private static final int PORT = 9000;
  private static final int STARTS = 20;

  /** No container runs sooner after its sandbox got its network: another process is made first. */
  private static final long CONTAINER_STARTS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final List<IpAddress> OUTSIDE =
      List.of(IpAddress.parse("10.9.0.1"), IpAddress.parse("fd00:9::1"));

  private final NetworkLab lab = new NetworkLab();
  private final Host outside = lab.attach("eth0", OUTSIDE);
  private final List<AutoCloseable> atEnd = new ArrayList<>();
  private final AtomicBoolean stop = new AtomicBoolean();

  /** When packets arrived at a pod, relative to the answer of the plugin, in ns. */
  private final List<Long> arrivals = new ArrayList<>();

  @AfterEach
  void cleanUp() throws Exception {
    for (AutoCloseable closeable : atEnd.reversed()) {
      closeable.close();
    }
    lab.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"CALICO", "AMAZON_SECONDARY", "PTP", "BRIDGE", "BRIDGE_NETFILTER"})
  void noPacketReachesAStartingPodThatIsNotAllowed(ForeignWiring wiring) throws Exception {
    assumeThat(wiring.isAvailable()).as("plugins of the CNI project").isTrue();
    PolicyOnlyNode node = start(wiring);
    Host stranger = wiring.wire(lab, lab.container(), "stranger", 100);
    node.seen("stranger", "stranger", stranger.addresses());
    node.listed();
    node.awaitTable("inet", stranger.addresses().getLast().toString());
    if (wiring.isBridge()) {
      node.awaitTable("bridge", "to/cni0");
    }
    List<Thread> floods = List.of(flood(stranger), flood(outside));
    try {
      for (int i = 0; i < STARTS; i++) {
        startPod(wiring, node, "victim-" + i, 10 + i);
      }
    } finally {
      stop.set(true);
      for (Thread flood : floods) {
        flood.join();
      }
    }
    long last = arrivals.stream().mapToLong(Long::longValue).max().orElse(Long.MIN_VALUE);
    LOG.warn(
        "{}: {} packets arrived in {} starts before the plugin had answered, {} after it, the last"
            + " {} us after it",
        wiring,
        arrivals.stream().filter(arrival -> arrival <= 0).count(),
        STARTS,
        arrivals.stream().filter(arrival -> arrival > 0).count(),
        arrivals.isEmpty() ? "-" : TimeUnit.NANOSECONDS.toMicros(last));
    assertThat(arrivals)
        .as("packets at a process of the pod, ns after the plugin's answer")
        .noneMatch(arrival -> arrival > CONTAINER_STARTS);
  }

  @ParameterizedTest
  @EnumSource(names = {"CALICO", "PTP", "BRIDGE"})
  void rulesOutliveTheAgentAndARestartOpensNothing(ForeignWiring wiring) throws Exception {
    assumeThat(wiring.isAvailable()).as("plugins of the CNI project").isTrue();
    PolicyOnlyNode first = start(wiring);
    Host stranger = wiring.wire(lab, lab.container(), "stranger", 2);
    NetworkNamespace container = lab.container();
    List<DatagramChannel> sockets = container.call(() -> List.of(listen(false), listen(true)));
    Host victim = wiring.wire(lab, container, "victim", 3);
    tell(first, stranger, victim);
    first.listed();
    awaitPoliced(first, wiring, victim);
    Thread flood = flood(stranger);
    try {
      watch(sockets, System.nanoTime(), 100);
      arrivals.clear();
      first.close();
      watch(sockets, System.nanoTime(), 100);
      assertThat(arrivals).as("packets without an agent").isEmpty();

      long restarted = System.nanoTime();
      PolicyOnlyNode second = restart(first);
      // The API is not known yet: a pod that starts now is closed all the same.
      NetworkNamespace lateContainer = lab.container();
      List<DatagramChannel> lateSockets =
          lateContainer.call(() -> List.of(listen(false), listen(true)));
      Host late = wiring.wire(lab, lateContainer, "late", 4);
      long answered = System.nanoTime();
      if (!wiring.isBridge()) {
        // Which bridge is the pods' is known with them.
        watch(lateSockets, answered, 200);
        assertThat(arrivals)
            .as("packets at a pod before the cluster is known")
            .noneMatch(arrival -> arrival > CONTAINER_STARTS);
        arrivals.clear();
      }
      tell(second, stranger, victim);
      second.seen("late", "victim", late.addresses());
      second.listed();
      awaitPoliced(second, wiring, late);
      long policed = System.nanoTime();
      watch(sockets, restarted, 100);
      assertThat(arrivals).as("packets since the restart").noneMatch(arrival -> arrival > 0);
      arrivals.clear();
      // By when they were sent: one from before the answer may have waited a second for ARP.
      watch(lateSockets, wiring.isBridge() ? policed : answered + CONTAINER_STARTS, 100);
      assertThat(arrivals).as("packets at the late pod").noneMatch(arrival -> arrival > 0);
    } finally {
      stop.set(true);
      flood.join();
    }
  }

  private static void tell(PolicyOnlyNode node, Host stranger, Host victim) {
    node.seen("stranger", "stranger", stranger.addresses());
    node.seen("victim", "victim", victim.addresses());
  }

  private static void awaitPoliced(PolicyOnlyNode node, ForeignWiring wiring, Host host) {
    node.awaitTable("inet", host.addresses().getLast() + " : jump class/ingress/");
    if (wiring.isBridge()) {
      node.awaitTable("bridge", host.addresses().getLast() + " : goto to/cni0");
    }
  }

  private void startPod(ForeignWiring wiring, PolicyOnlyNode node, String name, int number)
      throws IOException {
    NetworkNamespace container = lab.container();
    List<DatagramChannel> sockets = container.call(() -> List.of(listen(false), listen(true)));
    // The scheduler has bound it; its status shows no address for long.
    node.seen(name, "victim", List.of());
    Host pod = wiring.wire(lab, container, name, number);
    long answered = System.nanoTime();
    watch(sockets, answered, 150);
    node.seen(name, "victim", pod.addresses());
    watch(sockets, answered, 100);
    assertThat(node.pods().problem()).isEmpty();
    wiring.unwire(lab, pod, name);
    node.gone(name);
    for (DatagramChannel socket : sockets) {
      socket.close();
    }
  }

  private void watch(List<DatagramChannel> sockets, long answered, int millis) throws IOException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    ByteBuffer packet = ByteBuffer.allocate(8);
    while (System.nanoTime() < end) {
      for (DatagramChannel socket : sockets) {
        while (socket.receive(packet.clear()) != null) {
          // When it was sent: on this machine as good as when it came.
          arrivals.add(packet.flip().getLong() - answered);
        }
      }
      PolicyOnlyNode.pause(1);
    }
  }

  private static DatagramChannel listen(boolean six) throws IOException {
    DatagramChannel channel =
        DatagramChannel.open(six ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
    channel.configureBlocking(false);
    channel.bind(new InetSocketAddress(six ? "::" : "0.0.0.0", six ? PORT + 1 : PORT));
    return channel;
  }

  /** To every address that a pod of the test may come to have. */
  private Thread flood(Host from) {
    return Thread.ofPlatform()
        .name("flood")
        .start(() -> {
          ByteBuffer packet = ByteBuffer.allocate(8);
          try (DatagramChannel four = from.udp(from.address(true), 0);
              DatagramChannel six = from.udp(from.address(false), 0)) {
            while (!stop.get()) {
              for (int i = 2; i < 2 + 2 * STARTS + 8; i++) {
                send(four, packet, "10.244.1." + i, PORT);
                send(six, packet, "fd00:244:1::" + Integer.toHexString(i), PORT + 1);
              }
              PolicyOnlyNode.pause(1);
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private static void send(DatagramChannel from, ByteBuffer packet, String to, int port) {
    try {
      packet.clear().putLong(System.nanoTime()).flip();
      from.send(packet, new InetSocketAddress(IpAddress.parse(to).toInetAddress(), port));
    } catch (IOException e) {
      // No route while nobody has the address: as good as lost.
    }
  }

  private PolicyOnlyNode start(ForeignWiring wiring) {
    NetworkLab.run(lab.node(), "ip", "addr", "add", "10.9.0.7/24", "dev", "eth0");
    NetworkLab.run(lab.node(), "ip", "addr", "add", "fd00:9::7/64", "dev", "eth0", "nodad");
    NetworkLab.run(lab.node(), "ip", "route", "add", "default", "via", "10.9.0.1");
    NetworkLab.run(lab.node(), "ip", "-6", "route", "add", "default", "via", "fd00:9::1");
    wiring.prepare(lab);
    PolicyOnlyNode node = agent();
    atEnd.add(node);
    return node;
  }

  private PolicyOnlyNode restart(PolicyOnlyNode former) {
    atEnd.remove(former);
    PolicyOnlyNode node = agent();
    atEnd.add(node);
    return node;
  }

  private PolicyOnlyNode agent() {
    PolicyOnlyNode node = new PolicyOnlyNode(lab);
    node.policy("victim", "{'podSelector':{'matchLabels':{'app':'victim'}}}");
    return node;
  }
}
