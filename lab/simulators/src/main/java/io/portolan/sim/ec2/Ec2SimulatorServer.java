package io.portolan.sim.ec2;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The EC2 Query protocol over a world, on plain HTTP.
 *
 * <p>{@code /} takes EC2 requests; {@code /_portolan/} is the simulator's own control, see {@link
 * ControlHandler}. The listening socket is opened by the thread that calls {@code start}, so that a
 * caller inside a network namespace gets it there.
 */
public final class Ec2SimulatorServer implements AutoCloseable {
  static {
    // Answers are written in two steps, head and body; without this each waits for a delayed ACK.
    if (System.getProperty("sun.net.httpserver.nodelay") == null) {
      System.setProperty("sun.net.httpserver.nodelay", "true");
    }
  }

  private final HttpServer server;
  private final ExecutorService threads;
  private final Ec2World world;

  private Ec2SimulatorServer(HttpServer server, ExecutorService threads, Ec2World world) {
    this.server = server;
    this.threads = threads;
    this.world = world;
  }

  /**
   * Builds a world and serves it.
   *
   * @throws IOException if the address cannot be listened on, or the topology cannot be read
   * @throws io.portolan.sim.config.ConfigException if the topology says something wrong
   */
  public static Ec2SimulatorServer start(Ec2ServerOptions options) throws IOException {
    Ec2World world = new Ec2World(options.world(), options.time());
    if (options.topology().isPresent()) {
      TopologyLoader.load(options.topology().get(), world);
    }
    world.behave(options.behavior());
    return serve(world, options.address(), options.authentication());
  }

  /**
   * Serves an existing world. A world may be served at several addresses.
   *
   * @throws IOException if the address cannot be listened on
   */
  public static Ec2SimulatorServer serve(
      Ec2World world, InetSocketAddress address, boolean authentication) throws IOException {
    HttpServer server = HttpServer.create(address, 128);
    ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("ec2-", 0).factory());
    server.setExecutor(threads);
    server.createContext("/", new QueryHandler(world, authentication));
    server.createContext(ControlHandler.PATH, new ControlHandler(world));
    server.start();
    return new Ec2SimulatorServer(server, threads, world);
  }

  public Ec2World world() {
    return world;
  }

  public InetSocketAddress address() {
    return server.getAddress();
  }

  /** What to give a client as its endpoint. */
  public URI endpoint() {
    InetSocketAddress address = address();
    String host = address.getAddress().getHostAddress();
    return URI.create(
        "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
