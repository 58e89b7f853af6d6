package io.portolan.policy.agent;

import io.portolan.policy.model.ClusterChange;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the compiler which node this is and what addresses its interfaces have. */
public final class InterfaceFeed implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(InterfaceFeed.class);

  /** What was missed for whatever reason is made up for by then. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final String node;
  private final HostInterfaces interfaces;
  private final ClusterSink sink;
  private final Thread thread =
      Thread.ofPlatform().name("interfaces").daemon().unstarted(this::run);

  /** Owned by the thread once it runs. */
  private ClusterChange.ThisNode reported;

  private InterfaceFeed(String node, HostInterfaces interfaces, ClusterSink sink) {
    this.node = node;
    this.interfaces = interfaces;
    this.sink = sink;
    this.reported = new ClusterChange.ThisNode(node, interfaces.addresses());
    sink.changed(reported);
  }

  /** Has reported once when it returns. */
  public static InterfaceFeed start(String node, HostInterfaces interfaces, ClusterSink sink) {
    InterfaceFeed feed = new InterfaceFeed(node, interfaces, sink);
    feed.thread.start();
    return feed;
  }

  private void run() {
    try {
      while (interfaces.await(PATIENCE)) {
        ClusterChange.ThisNode now = new ClusterChange.ThisNode(node, interfaces.addresses());
        if (!now.equals(reported)) {
          reported = now;
          sink.changed(now);
        }
      }
    } catch (RuntimeException e) {
      LOG.error("interfaces are not watched any more; host endpoints stay where they are", e);
    }
  }

  /** Closes what it watches. */
  @Override
  public void close() {
    interfaces.close();
  }
}
