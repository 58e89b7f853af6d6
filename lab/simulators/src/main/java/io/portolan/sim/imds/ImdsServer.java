package io.portolan.sim.imds;

import com.sun.net.httpserver.HttpServer;
import io.portolan.sim.ec2.Ec2World;
import io.portolan.sim.ec2.model.ResourceId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * The instance metadata service of a world's instances, on plain HTTP as the real one at
 * 169.254.169.254.
 *
 * <p>The socket is opened by the calling thread, in whichever network namespace that is in.
 */
public final class ImdsServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads;

  private ImdsServer(HttpServer server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /**
   * @param caller which instance a request from an address comes from; empty for none of ours
   * @throws IOException if the address cannot be listened on
   */
  public static ImdsServer start(
      InetSocketAddress address, Ec2World world, Function<InetAddress, Optional<ResourceId>> caller)
      throws IOException {
    HttpServer server = HttpServer.create(address, 128);
    ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("imds-", 0).factory());
    server.setExecutor(threads);
    mount(server, world, caller);
    server.start();
    return new ImdsServer(server, threads);
  }

  /** Adds the service to a server that the caller has made and will start. */
  public static void mount(
      HttpServer server, Ec2World world, Function<InetAddress, Optional<ResourceId>> caller) {
    server.createContext("/", new MetadataHandler(world, caller));
  }

  public InetSocketAddress address() {
    return server.getAddress();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
