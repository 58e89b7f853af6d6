package io.portolan.policy.agent;

import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.route.FdbEntry;
import io.portolan.linux.route.Neighbor;
import io.portolan.linux.route.NetworkEvent;
import io.portolan.linux.route.NetworkMonitor;
import io.portolan.linux.route.RouteSocket;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of the node's links and routes as they change. The kernel's events say only that something
 * did; then all is read, so that nothing has to be pieced together.
 */
public final class NetworkWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkWatch.class);

  /** The listener hears at least so often, changed or not. */
  private static final Duration TURN = Duration.ofSeconds(1);

  /** While a container has no address yet: it comes without an event here. */
  private static final Duration SHORT_TURN = Duration.ofMillis(5);

  /** What was missed for whatever reason is made up for by then. */
  private static final int TURNS_UNTIL_READ = 30;

  private final NetworkMonitor monitor;
  private final RouteSocket routes;
  private final KernelNetwork kernel;
  private final Listener listener;
  private final Thread thread = Thread.ofPlatform().name("network").daemon().unstarted(this::run);

  /** Written by the thread. */
  private volatile String problem = "";

  /** Hears of the network, and that time passes. */
  public interface Listener {
    void network(NodeNetwork now);
  }

  private NetworkWatch(NetworkMonitor monitor, RouteSocket routes, Listener listener) {
    this.monitor = monitor;
    this.routes = routes;
    this.kernel = new KernelNetwork(routes, System::nanoTime);
    this.listener = listener;
  }

  /** Watches the namespace of the calling thread; the listener has heard once on return. */
  public static NetworkWatch start(Listener listener) {
    // Before the first reading, so that nothing is missed.
    NetworkMonitor monitor =
        NetworkMonitor.open(
            Set.of(
                NetworkMonitor.Subject.LINKS,
                NetworkMonitor.Subject.ROUTES,
                NetworkMonitor.Subject.NEIGHBORS));
    NetworkWatch watch = new NetworkWatch(monitor, RouteSocket.open(), listener);
    listener.network(watch.kernel.read());
    watch.thread.start();
    return watch;
  }

  public static NetworkWatch startIn(NetworkNamespace namespace, Listener listener) {
    return namespace.call(() -> start(listener));
  }

  /** Why the network is not watched; empty if it is. */
  public Optional<String> problem() {
    return problem.isEmpty() ? Optional.empty() : Optional.of(problem);
  }

  private void run() {
    NodeNetwork last = NodeNetwork.EMPTY;
    int turns = 0;
    boolean[] changed = {true};
    while (true) {
      try {
        if (changed[0] || kernel.isIncomplete() || ++turns > TURNS_UNTIL_READ) {
          changed[0] = false;
          turns = 0;
          last = kernel.read();
        }
        listener.network(last);
        problem = "";
        Duration patience = kernel.isIncomplete() ? SHORT_TURN : TURN;
        if (!monitor.receive(patience, event -> changed[0] |= matters(event))) {
          return;
        }
      } catch (RuntimeException e) {
        if (!monitor.receive(TURN, _ -> {})) {
          return;
        }
        changed[0] = true;
        problem = "links and routes cannot be read: " + e.getMessage();
        LOG.error("links and routes cannot be read; trying again", e);
      }
    }
  }

  private static boolean matters(NetworkEvent event) {
    return switch (event) {
      case NetworkEvent.Changed(FdbEntry _) -> true;
      case NetworkEvent.Removed(FdbEntry _), NetworkEvent.Changed(Neighbor _) -> false;
      case NetworkEvent.Removed(Neighbor _) -> false;
      case NetworkEvent.Changed _,
          NetworkEvent.Removed _,
          NetworkEvent.LinkChanged _,
          NetworkEvent.LinkRemoved _,
          NetworkEvent.Resync _ ->
          true;
    };
  }

  /** Returns when the listener hears nothing any more. */
  @Override
  public void close() {
    monitor.close();
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    routes.close();
  }
}
