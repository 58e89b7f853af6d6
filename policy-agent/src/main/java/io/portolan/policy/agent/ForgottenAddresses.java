package io.portolan.policy.agent;

import io.portolan.common.net.IpAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Removes the connections of addresses that pods gave up, all those of some moments at once: the
 * kernel goes through the table of the whole machine for each removal, whatever it is of.
 *
 * <p>Safe for use by many threads.
 */
public final class ForgottenAddresses {
  private final Connections connections;
  private final Consumer<Runnable> later;

  // Guarded by this.
  private Set<IpAddress> waiting = new LinkedHashSet<>();
  private CompletableFuture<Void> removed = new CompletableFuture<>();

  /**
   * @param later runs a task some moments later, on the thread that uses {@code connections}
   */
  public ForgottenAddresses(Connections connections, Consumer<Runnable> later) {
    this.connections = connections;
    this.later = later;
  }

  /**
   * Completes when no connection is left that one of the addresses had before the call. Until then
   * nobody else may have them.
   */
  public CompletableFuture<Void> add(List<IpAddress> addresses) {
    boolean first;
    CompletableFuture<Void> all;
    synchronized (this) {
      first = waiting.isEmpty();
      waiting.addAll(addresses);
      all = removed;
    }
    if (addresses.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    if (first) {
      later.accept(this::remove);
    }
    return all;
  }

  private void remove() {
    List<IpAddress> batch;
    CompletableFuture<Void> done;
    synchronized (this) {
      batch = new ArrayList<>(waiting);
      waiting = new LinkedHashSet<>();
      done = removed;
      removed = new CompletableFuture<>();
    }
    try {
      connections.forget(batch);
      done.complete(null);
    } catch (RuntimeException e) {
      done.completeExceptionally(e);
    }
  }
}
