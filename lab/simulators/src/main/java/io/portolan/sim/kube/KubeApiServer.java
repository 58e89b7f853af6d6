package io.portolan.sim.kube;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A Kubernetes API server on plain HTTP in this JVM.
 *
 * <p>Sockets are bound by the calling thread, so a caller inside a network namespace opens the
 * server there; one store can be reached at several addresses. Closing ends everything.
 */
public final class KubeApiServer implements AutoCloseable {
  static {
    // Without it, an answer in two writes waits 40 ms for the client's delayed acknowledgement.
    // Read
    // once by the JDK's server, hence here.
    if (System.getProperty("sun.net.httpserver.nodelay") == null) {
      System.setProperty("sun.net.httpserver.nodelay", "true");
    }
  }

  private final HttpFrontend frontend;
  private final Watches watches;
  private final Faults faults;
  private final KubeObjects objects;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("kube-api-", 0).factory());
  private final List<HttpServer> servers = new CopyOnWriteArrayList<>();

  private KubeApiServer(ApiOptions options) {
    ObjectStore store = new ObjectStore(options.logCapacity());
    ResourceCatalog catalog = new ResourceCatalog();
    ResourceVerbs verbs =
        new ResourceVerbs(store, catalog, options.clock(), new Random(options.seed()));
    watches = new Watches(store, options.bookmarkInterval());
    faults = new Faults(options.clock(), new Random(options.seed() + 1), watches::endAll);
    frontend =
        new HttpFrontend(
            catalog, verbs, new Listing(store), watches, faults, options.bearerToken());
    objects = new KubeObjects(store, catalog, verbs, "lab");
    for (String namespace : List.of("default", "kube-node-lease", "kube-public", "kube-system")) {
      objects.create("{apiVersion: v1, kind: Namespace, metadata: {name: " + namespace + "}}");
    }
  }

  /**
   * Starts a server with the four usual namespaces and nothing else.
   *
   * @param address port 0 for a free one
   * @throws IOException if the address cannot be bound
   */
  public static KubeApiServer start(InetSocketAddress address, ApiOptions options)
      throws IOException {
    KubeApiServer server = new KubeApiServer(options);
    try {
      server.listen(address);
    } catch (IOException e) {
      server.close();
      throw e;
    }
    return server;
  }

  /** Starts on a free port of the loopback interface. */
  public static KubeApiServer start(ApiOptions options) throws IOException {
    return start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), options);
  }

  /**
   * Serves the same objects at one more address, bound in the calling thread's network namespace.
   *
   * @return the bound address
   */
  public InetSocketAddress listen(InetSocketAddress address) throws IOException {
    HttpServer http = HttpServer.create(address, 128);
    http.setExecutor(threads);
    http.createContext("/", frontend);
    http.start();
    servers.add(http);
    return http.getAddress();
  }

  /** The first address. */
  public InetSocketAddress address() {
    return servers.getFirst().getAddress();
  }

  /** The URL of the first address. */
  public URI url() {
    InetSocketAddress address = address();
    String host = address.getAddress().getHostAddress();
    String literal = host.contains(":") ? "[" + host + "]" : host;
    return URI.create("http://" + literal + ":" + address.getPort());
  }

  public KubeObjects objects() {
    return objects;
  }

  public Faults faults() {
    return faults;
  }

  /** How many watches are open. */
  public int openWatches() {
    return watches.openCount();
  }

  @Override
  public void close() {
    watches.endAll();
    servers.forEach(server -> server.stop(0));
    threads.shutdownNow();
  }
}
