package io.portolan.policy.reports;

import io.portolan.linux.ffi.SystemCallException;
import io.portolan.linux.netlink.NetlinkException;
import io.portolan.linux.netlink.NetlinkSubscription.Outcome;
import io.portolan.linux.nflog.NflogGroup;
import io.portolan.linux.nflog.NflogReader;
import io.portolan.policy.compile.Reporting;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that reads what the table reports. Nothing in the kernel waits for it: what it does
 * not read is lost, and policy does not depend on it.
 */
public final class FlowLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FlowLog.class);

  /** The kernel hands over packets together, at the latest after this time. */
  private static final NflogGroup GROUP =
      new NflogGroup(Reporting.GROUP, 128, 64, Duration.ofMillis(100));

  private static final Duration TRY_AGAIN = Duration.ofSeconds(30);

  private final Opening opening;
  private final FlowRecorder recorder;
  private final FlowSink sink;
  private final InstantSource clock;
  private final Duration window;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  /** Begins to read a group, in the node's network namespace. */
  public interface Opening {
    NflogReader open(NflogGroup group);
  }

  private FlowLog(
      Opening opening, FlowRecorder recorder, FlowSink sink, InstantSource clock, Duration window) {
    this.opening = opening;
    this.recorder = recorder;
    this.sink = sink;
    this.clock = clock;
    this.window = window;
    this.thread = Thread.ofPlatform().name("flow-log").daemon().unstarted(this::run);
  }

  /**
   * Starts reading. If the group cannot be had, as when another program reads it, that is said in
   * the log and tried again.
   *
   * @param sink that the recorder writes to; closed with this
   * @param window how long like packets are added up before they are written
   */
  public static FlowLog start(
      Opening opening, FlowRecorder recorder, FlowSink sink, InstantSource clock, Duration window) {
    FlowLog log = new FlowLog(opening, recorder, sink, clock, window);
    log.thread.start();
    return log;
  }

  private void run() {
    try {
      do {
        try (NflogReader reader = opening.open(GROUP)) {
          read(reader);
        } catch (NetlinkException | SystemCallException e) {
          LOG.error("no flow log: {}; trying again in {} s", e.getMessage(), TRY_AGAIN.toSeconds());
        }
      } while (!closed.await(TRY_AGAIN.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      sink.close();
    }
  }

  /** Until this is closed. */
  private void read(NflogReader reader) {
    long due = System.nanoTime() + window.toNanos();
    while (closed.getCount() > 0) {
      long left = Math.max(0, due - System.nanoTime());
      // Bounded, so that the end is noticed.
      Duration patience = Duration.ofNanos(Math.min(left, TimeUnit.MILLISECONDS.toNanos(200)));
      Outcome outcome =
          reader.receive(patience, packet -> recorder.packet(packet, clock.instant()));
      if (outcome == Outcome.OVERRUN) {
        recorder.lost();
      }
      if (System.nanoTime() - due >= 0) {
        recorder.flush();
        due = System.nanoTime() + window.toNanos();
      }
    }
    recorder.flush();
  }

  /** Writes what was read and ends. */
  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
