package io.portolan.policy.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.NotUnderstoodException;
import io.portolan.policy.model.PodName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** A node with two pods, one of which connects to the other. */
final class ConnectedPods implements AutoCloseable {
  private static final int PORT = 8080;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final IpAddress CLIENT = IpAddress.parse("10.1.0.1");
  private static final IpAddress SERVER = IpAddress.parse("10.1.0.2");
  private static final int CHUNK = 128 << 10;

  /** So many that no connection ever waits for the server, which would be for a second. */
  private static final int BACKLOG = 4096;

  private final NetworkLab lab = new NetworkLab();
  private final Host client = lab.attach("veth1", List.of(CLIENT));
  private final ServerSocketChannel server;
  private final Thread thread = Thread.ofPlatform().name("server").daemon().unstarted(this::serve);

  private ConnectedPods() throws IOException {
    NetworkNamespace pod = lab.attach("veth2", List.of(SERVER)).namespace();
    server = pod.call(ServerSocketChannel::open);
    server.bind(new InetSocketAddress(SERVER.toInetAddress(), PORT), BACKLOG);
    thread.start();
  }

  /** Without any table. */
  static ConnectedPods open() throws IOException {
    return new ConnectedPods();
  }

  /** The node knows of connections, as every node of a cluster does, and lets all pass. */
  static ConnectedPods tracked() throws IOException {
    ConnectedPods pods = new ConnectedPods();
    pods.script(
        """
        table inet tracked {
          chain forward {
            type filter hook forward priority 0
            ct state established,related accept
          }
        }
        """);
    return pods;
  }

  /** With the table of the agent. */
  static ConnectedPods policed(int policies) throws IOException {
    ConnectedPods pods = new ConnectedPods();
    Enforcer enforcer =
        new Enforcer(pods.lab.tables(), () -> {}, new RecordingObserver(), InstantSource.system());
    enforcer.start();
    enforcer.apply(new ClusterChange.NamespaceSeen("a", Map.of()));
    enforcer.apply(pod("client", CLIENT, "app0"));
    enforcer.apply(pod("server", SERVER, "server"));
    enforcer.apply(wired("client", CLIENT, "veth1"));
    enforcer.apply(wired("server", SERVER, "veth2"));
    for (int i = 0; i < policies; i++) {
      // They are asked in the order of their names.
      enforcer.apply(policy(i, policies - 1 - i));
    }
    enforcer.synced();
    if (!enforcer.commit()) {
      throw new IllegalStateException("the kernel refused " + policies + " policies");
    }
    enforcer.proveGeneration();
    return pods;
  }

  /** The same rules, one after another, for packets of connections that are not known yet. */
  static ConnectedPods linear(int policies) throws IOException {
    StringBuilder script = new StringBuilder("table inet linear {\n");
    for (int i = 0; i < policies; i++) {
      script.append("set app").append(i).append(" { type ipv4_addr; ");
      script.append(i == 0 ? "elements = { " + CLIENT + " }; }\n" : "}\n");
    }
    script.append("chain forward { type filter hook forward priority 0; policy drop;\n");
    script.append("ct state established,related accept\n");
    for (int i = policies - 1; i >= 0; i--) {
      script.append("meta l4proto tcp ct original ip saddr @app").append(i);
      script.append(" ct reply proto-src ").append(PORT + i).append(" accept\n");
    }
    script.append("}\n}\n");
    ConnectedPods pods = new ConnectedPods();
    pods.script(script.toString());
    return pods;
  }

  /**
   * From a connection's begin to its end, on average over those there was time for, one after
   * another.
   */
  double microsPerConnection(long nanos) throws IOException {
    return client
        .namespace()
        .<Double, IOException>call(() -> {
          long begin = System.nanoTime();
          int connections = 0;
          while (System.nanoTime() - begin < nanos) {
            connect().close();
            connections++;
          }
          return (System.nanoTime() - begin) / 1e3 / connections;
        });
  }

  /** Of one connection that sends all it can for a time. */
  double gigabitsPerSecond(long nanos) throws IOException {
    return client
        .namespace()
        .<Double, IOException>call(() -> {
          ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
          try (SocketChannel channel = connect()) {
            long begin = System.nanoTime();
            long sent = 0;
            while (System.nanoTime() - begin < nanos) {
              sent += channel.write(chunk.clear());
            }
            return sent * 8.0 / (System.nanoTime() - begin);
          }
        });
  }

  private static SocketChannel connect() throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.INET);
    // Ended by a reset: nothing of it is left to be in the next one's way.
    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    channel.connect(new InetSocketAddress(SERVER.toInetAddress(), PORT));
    return channel;
  }

  private void serve() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
    while (server.isOpen()) {
      try (SocketChannel connection = server.accept()) {
        while (connection.read(buffer.clear()) >= 0) {}
      } catch (IOException e) {
        // A reset: the client is done with it.
      }
    }
  }

  private void script(String text) throws IOException {
    Path file = Files.createTempFile("table", ".nft");
    try {
      Files.writeString(file, text);
      lab.nft("-f", file.toString());
    } finally {
      Files.delete(file);
    }
  }

  private static ClusterChange policy(int number, int application) {
    String text =
        ("{'metadata':{'namespace':'a','name':'p%05d'},'spec':{'podSelector':{'matchLabels':"
             + "{'app':'server'}},'ingress':[{'from':[{'podSelector':{'matchLabels':{'app':'app%d'"
             + "}}}],'ports':[{'port':%d}]}]}}")
            .formatted(number, application, PORT + application);
    try {
      return new ClusterChange.PolicySeen(
          NetworkPolicies.decode(JSON.readTree(text.replace('\'', '"'))));
    } catch (JsonProcessingException | NotUnderstoodException e) {
      throw new IllegalStateException(text, e);
    }
  }

  private static ClusterChange pod(String name, IpAddress address, String app) {
    return new ClusterChange.PodSeen(
        new ClusterPod(
            new PodName("a", name),
            name,
            Map.of("app", app),
            "",
            false,
            List.of(address),
            List.of(),
            Instant.EPOCH));
  }

  private static ClusterChange wired(String name, IpAddress address, String hostInterface) {
    return new ClusterChange.PodWired(
        new LocalPod(new PodName("a", name), name, hostInterface, List.of(address)));
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    lab.close();
  }
}
