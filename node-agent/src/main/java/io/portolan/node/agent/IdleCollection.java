package io.portolan.node.agent;

import io.portolan.linux.memory.FileMappings;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects garbage when the node is quiet. After a storm of pods the heap is mostly garbage, and
 * the collector would leave it so, and the memory with it, until the next storm fills the rest.
 *
 * <p>A collection stops the agent for some 40 ms, so there is none while pods come and go, and none
 * for little.
 *
 * <p>With the garbage goes what was read of the class archive and rests (measured: 16 MiB). That
 * works where the archive lies at the address it was made for, unwritten (jvm.options).
 */
final class IdleCollection implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IdleCollection.class);
  private static final long PERIOD_SECONDS = 5;
  private static final long QUIET_BYTES = 1 << 20;
  private static final long WORTHWHILE_BYTES = 5 << 20;

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("idle-collection").daemon().factory());

  // Owned by the thread.
  private long before;
  private long live;

  IdleCollection() {
    var _ =
        thread.scheduleWithFixedDelay(this::look, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
  }

  private void look() {
    long used = used();
    if (isDue(before, used, live)) {
      System.gc();
      pageOutArchive();
      live = used();
      used = live;
    }
    before = used;
  }

  /**
   * Whether little was allocated since the last look and much since the last collection. A
   * collection of the collector's own in between makes {@code used} smaller than {@code before}.
   *
   * @param before bytes used at the last look
   * @param used bytes used now
   * @param live bytes used after the last collection of ours; 0 if there was none
   */
  static boolean isDue(long before, long used, long live) {
    return Math.abs(used - before) < QUIET_BYTES && used - live > WORTHWHILE_BYTES;
  }

  private static void pageOutArchive() {
    try {
      FileMappings.pageOut(file -> file.endsWith(".aot") || file.endsWith(".jsa"));
    } catch (IOException e) {
      LOG.info("the class archive stays in memory: {}", e.toString());
    }
  }

  private static long used() {
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
