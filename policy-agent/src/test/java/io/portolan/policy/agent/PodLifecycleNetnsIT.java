package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.linux.conntrack.ConntrackSocket;
import io.portolan.policy.PodEndpoint;
import io.portolan.policy.PolicyAgent;
import io.portolan.policy.PolicyGate;
import io.portolan.policy.Programmed;
import io.portolan.policy.compile.Reporting;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.PodName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens to packets while pods come and go, policies change and the agent dies. */
class PodLifecycleNetnsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final IpAddress SERVER = IpAddress.parse("10.0.0.1");
  private static final IpAddress CLIENT = IpAddress.parse("10.0.0.2");
  private static final IpAddress STRANGER = IpAddress.parse("10.0.0.3");
  private static final int PORT = 8080;

  private final NetworkLab lab = new NetworkLab();
  private final EchoServers servers = new EchoServers();
  private final RecordingObserver observer = new RecordingObserver();
  private PolicyAgent agent = agent(List.of());
  private final Host client = lab.attach("vclient", List.of(CLIENT));
  private final Host stranger = lab.attach("vstranger", List.of(STRANGER));

  @BeforeEach
  void aClusterThatAllowsClientsOnly() throws Exception {
    feed(agent);
    admit("client", CLIENT);
    admit("stranger", STRANGER);
  }

  @AfterEach
  void cleanUp() {
    agent.close();
    servers.close();
    lab.close();
  }

  @Test
  void noPacketReachesAPodBeforeItsPolicy() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    Thread flood = flood(stop, stranger, SERVER);
    try {
      for (int i = 0; i < 10; i++) {
        PodEndpoint pod = endpoint("server", "uid-server-" + i, SERVER);
        CompletableFuture<Programmed> admitted = close(pod);
        Host host = lab.attach("vserver", List.of(SERVER));
        try (DatagramChannel socket = host.udp(SERVER, PORT)) {
          TimeUnit.MILLISECONDS.sleep(20);
          assertThat(admitted).as("unknown to the API: stays isolated").isNotDone();
          assertThat(receives(socket)).as("packet while isolated").isFalse();
          agent.sink().changed(pod("server", "uid-server-" + i, SERVER));
          assertThat(admitted.get(30, TimeUnit.SECONDS).ingress()).startsWith("class/ingress/");
          TimeUnit.MILLISECONDS.sleep(20);
          assertThat(receives(socket)).as("packet of a stranger").isFalse();
          try (DatagramChannel friend = client.udp(CLIENT, 0)) {
            send(friend, SERVER);
            assertThat(await(() -> receives(socket))).as("packet of a client").isTrue();
          }
        }
        agent.forget(pod).connections().join();
        NetworkLab.run(lab.node(), "ip", "link", "del", "vserver");
      }
    } finally {
      stop.set(true);
      flood.join();
    }
    assertThat(observer.take()).noneMatch(line -> line.startsWith("failed"));
  }

  /**
   * Each step gives the server another class, with a chain that is new in the same transaction.
   * Packets meet every moment of it.
   */
  @Test
  void noPacketPassesWhileAPodChangesItsClass() throws Exception {
    Host server = start("server", SERVER);
    agent.sink().changed(policy("{'podSelector':{'matchLabels':{'odd':'yes'}}}"));
    AtomicBoolean stop = new AtomicBoolean();
    Thread flood = flood(stop, stranger, SERVER);
    try (DatagramChannel socket = server.udp(SERVER, PORT)) {
      PodEndpoint endpoint = endpoint("server", "uid-server", SERVER);
      String before = "";
      for (int i = 0; i < 400; i++) {
        agent
            .sink()
            .changed(
                pod(
                    "server",
                    "uid-server",
                    SERVER,
                    Map.of("app", "server", "odd", i % 2 == 0 ? "yes" : "no")));
        String now = agent.admit(endpoint).programmed().get(30, TimeUnit.SECONDS).ingress();
        assertThat(now).as("another class each time").isNotEqualTo(before);
        before = now;
        assertThat(receives(socket)).as("packet of a stranger at change %d", i).isFalse();
      }
    } finally {
      stop.set(true);
      flood.join();
    }
  }

  @Test
  void aNewlyDeniedConnectionIsCutAndAnAllowedOneStays() throws Exception {
    Host server = start("server", SERVER);
    servers.serve(server, PORT);
    agent.sink().changed(pod("stranger", "uid-stranger", STRANGER, Map.of("app", "client")));
    try (SocketChannel allowed = connect(client, CLIENT);
        SocketChannel denied = connect(stranger, STRANGER)) {
      assertThat(echoes(allowed)).isTrue();
      assertThat(echoes(denied)).isTrue();
      long changed = System.nanoTime();
      AtomicLong lastEcho = new AtomicLong(changed);
      agent.sink().changed(pod("stranger", "uid-stranger", STRANGER, Map.of("app", "stranger")));
      assertThat(
              await(() -> {
                // Long enough that silence is no busy machine.
                boolean open = echoesWithin(denied, 300);
                if (open) {
                  lastEcho.set(System.nanoTime());
                }
                return !open;
              }))
          .isTrue();
      Duration cut = Duration.ofNanos(lastEcho.get() - changed);
      System.out.println("measured: denied connection cut after " + cut.toMillis() + " ms");
      assertThat(echoesWithin(denied, 300)).isFalse();
      assertThat(echoes(allowed)).isTrue();
      agent.sink().changed(pod("stranger", "uid-stranger", STRANGER, Map.of("app", "client")));
      assertThat(await(() -> drains(denied))).as("allowed again, it goes on").isTrue();
    }
  }

  @Test
  void theServerOfADeniedConnectionCannotGoOnSending() throws Exception {
    Host server = start("server", SERVER);
    agent.sink().changed(pod("stranger", "uid-stranger", STRANGER, Map.of("app", "client")));
    try (DatagramChannel serving = server.udp(SERVER, PORT);
        DatagramChannel asking = stranger.udp(STRANGER, 9000)) {
      assertThat(
              await(() -> {
                sendTo(asking, at(SERVER, PORT));
                return receivesWithin(serving, 20);
              }))
          .as("a request, once the label is enforced")
          .isTrue();
      serving.send(ByteBuffer.wrap(new byte[] {1}), at(STRANGER, 9000));
      assertThat(await(() -> receives(asking))).as("a reply").isTrue();
      agent.sink().changed(pod("stranger", "uid-stranger", STRANGER, Map.of("app", "stranger")));
      assertThat(
              await(() -> {
                sendTo(serving, at(STRANGER, 9000));
                return !receivesWithin(asking, 50);
              }))
          .as("replies stop with the connection")
          .isTrue();
    }
  }

  @Test
  void aSpoofedSourceIsDropped() throws Exception {
    Host server = start("server", SERVER);
    NetworkLab.run(
        stranger.namespace(), "ip", "addr", "add", CLIENT.toCidr().toString(), "dev", "eth0");
    try (DatagramChannel socket = server.udp(SERVER, PORT);
        DatagramChannel spoofing = stranger.udp(CLIENT, 0);
        DatagramChannel honest = client.udp(CLIENT, 0)) {
      for (int i = 0; i < 20; i++) {
        send(spoofing, SERVER);
      }
      TimeUnit.MILLISECONDS.sleep(50);
      assertThat(receives(socket)).isFalse();
      send(honest, SERVER);
      assertThat(await(() -> receives(socket))).isTrue();
      assertThat(
              await(() ->
                  lab.nft("list", "chain", "inet", "portolan", "spoofing").contains("packets 20")))
          .isTrue();
    }
  }

  @Test
  void theOwnNodeReachesAPodThatDeniesEverybodyElse() throws Exception {
    Host server = start("server", SERVER);
    agent.sink().changed(policy("{'podSelector':{},'policyTypes':['Ingress','Egress']}"));
    NetworkLab.run(lab.node(), "ip", "addr", "add", "10.0.0.254/32", "dev", "lo");
    try (DatagramChannel socket = server.udp(SERVER, PORT);
        DatagramChannel node = lab.nodeAsHost().udp(IpAddress.parse("10.0.0.254"), 9000);
        DatagramChannel friend = client.udp(CLIENT, 0)) {
      assertThat(
              await(() -> {
                sendTo(friend, at(SERVER, PORT));
                return !receivesWithin(socket, 30);
              }))
          .isTrue();
      send(node, SERVER);
      assertThat(await(() -> receives(socket))).isTrue();
      socket.send(ByteBuffer.wrap(new byte[] {1}), at(IpAddress.parse("10.0.0.254"), 9000));
      assertThat(await(() -> receives(node))).isTrue();
    }
  }

  @Test
  void rulesOutliveTheAgentAndARestartOpensNothing() throws Exception {
    Host server = start("server", SERVER);
    servers.serve(server, PORT);
    String before = lab.nft("list", "table", "inet", "portolan");
    AtomicBoolean stop = new AtomicBoolean();
    try (DatagramChannel victim = server.udp(SERVER, 9999);
        SocketChannel allowed = connect(client, CLIENT)) {
      Thread flood = flood(stop, stranger, SERVER);
      agent.close();
      assertThat(echoes(allowed)).isTrue();
      agent =
          agent(
              List.of(
                  endpoint("server", "uid-server", SERVER),
                  endpoint("client", "uid-client", CLIENT),
                  endpoint("stranger", "uid-stranger", STRANGER)));
      // The API is not known yet: a pod that starts now is isolated all the same.
      IpAddress late = IpAddress.parse("10.0.0.9");
      var _ = close(endpoint("late", "uid-late", late));
      Host newcomer = lab.attach("vlate", List.of(late));
      try (DatagramChannel socket = newcomer.udp(late, PORT)) {
        DatagramChannel friend = client.udp(CLIENT, 0);
        send(friend, late);
        assertThat(receivesWithin(socket, 50)).isFalse();
        agent.sink().changed(pod("server", "uid-server", SERVER));
        feed(agent);
        agent
            .admit(endpoint("server", "uid-server", SERVER))
            .programmed()
            .get(30, TimeUnit.SECONDS);
        assertThat(receivesWithin(socket, 50)).isFalse();
        friend.close();
      }
      assertThat(echoes(allowed)).isTrue();
      stop.set(true);
      flood.join();
      assertThat(receives(victim)).as("a stranger's packet at any moment").isFalse();
      agent.forget(endpoint("late", "uid-late", late)).rules().join();
      assertThat(
              lab.nft("list", "table", "inet", "portolan")
                  .replaceAll("packets .*|ct mark set .*|elements = . 0x.*", ""))
          .isEqualTo(before.replaceAll("packets .*|ct mark set .*|elements = . 0x.*", ""));
    }
  }

  @Test
  void anAddressThatIsReusedInheritsNothing() throws Exception {
    PodEndpoint old = endpoint("client2", "uid-old", IpAddress.parse("10.0.0.7"));
    CompletableFuture<Programmed> admitted = close(old);
    Host host = lab.attach("vclient2", old.addresses());
    agent.sink().changed(pod("client2", "uid-old", old.addresses().getFirst()));
    admitted.get(30, TimeUnit.SECONDS);
    Host server = start("server", SERVER);
    try (DatagramChannel socket = server.udp(SERVER, PORT);
        DatagramChannel sender = host.udp(old.addresses().getFirst(), 9000)) {
      agent
          .sink()
          .changed(pod("client2", "uid-old", old.addresses().getFirst(), Map.of("app", "client")));
      assertThat(
              await(() -> {
                sendTo(sender, at(SERVER, PORT));
                return receivesWithin(socket, 20);
              }))
          .isTrue();
      // The next pod gets the address before anybody said that the old one is gone.
      PodEndpoint next = endpoint("stranger2", "uid-next", old.addresses().getFirst());
      CompletableFuture<Programmed> successor =
          close(new PodEndpoint("shop", "stranger2", "uid-next", "vclient2", next.addresses()));
      agent.sink().changed(pod("stranger2", "uid-next", next.addresses().getFirst(), Map.of()));
      successor.get(30, TimeUnit.SECONDS);
      sendTo(sender, at(SERVER, PORT));
      assertThat(receivesWithin(socket, 100)).isFalse();
      agent.forget(old).connections().join();
      assertThat(NetworkLab.run(lab.node(), "conntrack", "-L"))
          .as("nothing is left of the old pod's connections")
          .doesNotContain("10.0.0.7");
      sendTo(sender, at(SERVER, PORT));
      assertThat(receivesWithin(socket, 50)).isFalse();
      assertThat(lab.nft("list", "map", "inet", "portolan", "egress4")).doesNotContain("isolated");
    }
  }

  // ---- The cluster.

  private PolicyAgent agent(List<PodEndpoint> present) {
    ConntrackSocket conntrack = ConntrackSocket.openIn(lab.node());
    lab.atEnd(conntrack::close);
    return PolicyAgent.start(
        lab.tables(), new KernelConnections(conntrack), present, observer, Reporting.ALL);
  }

  private void feed(PolicyAgent to) throws Exception {
    to.sink().changed(new ClusterChange.NamespaceSeen("shop", Map.of()));
    to.sink()
        .changed(
            policy(
                "{'podSelector':{'matchLabels':{'app':'server'}},"
                    + "'ingress':[{'from':[{'podSelector':{'matchLabels':{'app':'client'}}}]}]}"));
    to.sink().changed(pod("client", "uid-client", CLIENT));
    to.sink().changed(pod("stranger", "uid-stranger", STRANGER));
    to.sink().synced();
  }

  private static ClusterChange policy(String spec) throws Exception {
    String text =
        "{'metadata':{'namespace':'shop','name':'p" + spec.length() + "'},'spec':" + spec + "}";
    return new ClusterChange.PolicySeen(
        NetworkPolicies.decode(JSON.readTree(text.replace('\'', '"'))));
  }

  private static ClusterChange pod(String name, String uid, IpAddress address) {
    return pod(name, uid, address, Map.of("app", name));
  }

  private static ClusterChange pod(
      String name, String uid, IpAddress address, Map<String, String> labels) {
    return new ClusterChange.PodSeen(
        new ClusterPod(
            new PodName("shop", name),
            uid,
            labels,
            "",
            false,
            List.of(address),
            List.of(),
            Instant.EPOCH));
  }

  private static PodEndpoint endpoint(String name, String uid, IpAddress address) {
    return new PodEndpoint("shop", name, uid, "v" + name, List.of(address));
  }

  /** Returns when no packet passes any more that the pod's policy would not let through. */
  private CompletableFuture<Programmed> close(PodEndpoint pod) throws Exception {
    PolicyGate.Admission admission = agent.admit(pod);
    admission.closed().get(30, TimeUnit.SECONDS);
    return admission.programmed();
  }

  private void admit(String name, IpAddress address) throws Exception {
    close(endpoint(name, "uid-" + name, address)).get(30, TimeUnit.SECONDS);
  }

  private Host start(String name, IpAddress address) throws Exception {
    Host host = lab.attach("v" + name, List.of(address));
    agent.sink().changed(pod(name, "uid-" + name, address));
    admit(name, address);
    return host;
  }

  // ---- Packets.

  private static Thread flood(AtomicBoolean stop, Host from, IpAddress to) {
    return Thread.ofPlatform()
        .name("flood")
        .start(() -> {
          try (DatagramChannel sender = from.udp(from.addresses().getFirst(), 0)) {
            while (!stop.get()) {
              sendTo(sender, at(to, PORT));
              sendTo(sender, at(to, 9999));
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private static InetSocketAddress at(IpAddress address, int port) {
    return new InetSocketAddress(address.toInetAddress(), port);
  }

  private static void send(DatagramChannel from, IpAddress to) throws IOException {
    from.send(ByteBuffer.wrap(new byte[] {1}), at(to, PORT));
  }

  private static void sendTo(DatagramChannel from, InetSocketAddress to) {
    try {
      from.send(ByteBuffer.wrap(new byte[] {1}), to);
    } catch (IOException e) {
      // No route while the receiver's link is away: as good as lost.
    }
  }

  private static boolean receives(DatagramChannel socket) {
    try {
      boolean any = false;
      while (socket.receive(ByteBuffer.allocate(8)) != null) {
        any = true;
      }
      return any;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean receivesWithin(DatagramChannel socket, int millis) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (System.nanoTime() < deadline) {
      if (receives(socket)) {
        return true;
      }
      pause(1);
    }
    return false;
  }

  private static SocketChannel connect(Host from, IpAddress source) throws IOException {
    SocketChannel channel = from.tcp(source);
    channel.connect(at(SERVER, PORT));
    assertThat(
            await(() -> {
              try {
                return channel.finishConnect();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }))
        .isTrue();
    return channel;
  }

  private static boolean echoes(SocketChannel channel) {
    return echoesWithin(channel, 30_000);
  }

  private static boolean echoesWithin(SocketChannel channel, int millis) {
    try {
      channel.write(ByteBuffer.wrap(new byte[] {1}));
      long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
      while (System.nanoTime() < deadline) {
        if (channel.read(ByteBuffer.allocate(64)) > 0) {
          return true;
        }
        pause(1);
      }
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean drains(SocketChannel channel) {
    try {
      return channel.read(ByteBuffer.allocate(64)) > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (System.nanoTime() < deadline) {
      if (condition.getAsBoolean()) {
        return true;
      }
      pause(2);
    }
    return false;
  }

  private static void pause(int millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
