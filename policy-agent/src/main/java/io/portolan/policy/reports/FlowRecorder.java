package io.portolan.policy.reports;

import io.portolan.common.metrics.Meters;
import io.portolan.common.net.IpAddress;
import io.portolan.linux.nflog.LoggedPacket;
import io.portolan.policy.compile.Owner;
import io.portolan.policy.compile.ReportNames;
import io.portolan.policy.compile.Reported;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From packets to lines: like packets of a window are one line. What gets lost on the way is
 * counted.
 *
 * <p>One thread records; any may read the counts.
 */
public final class FlowRecorder {
  private static final Logger LOG = LoggerFactory.getLogger(FlowRecorder.class);

  /** Different flows of a window: about 2 MB. */
  static final int MOST_FLOWS = 4096;

  /** Bytes that are handed over at once. */
  private static final int CHUNK = 64 * 1024;

  private final ReportNames names;
  private final Owners owners;
  private final FlowSink sink;
  private final String node;
  private final FlowWindow window = new FlowWindow(MOST_FLOWS);
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong overrun = new AtomicLong();
  private final AtomicLong full = new AtomicLong();
  private final AtomicLong malformed = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private boolean failing;

  /** Which pods have addresses. */
  public interface Owners {
    /** Those that are known; may take a moment. */
    Map<IpAddress, Owner> of(Set<IpAddress> addresses);
  }

  public FlowRecorder(ReportNames names, Owners owners, FlowSink sink, String node) {
    this.names = names;
    this.owners = owners;
    this.sink = sink;
    this.node = node;
  }

  /** Takes in a packet that came now. */
  public void packet(LoggedPacket packet, Instant now) {
    Optional<LoggedFlow> flow = LoggedFlow.read(packet.etherType(), packet.payload());
    if (flow.isEmpty()) {
      malformed.incrementAndGet();
      return;
    }
    // A line says who opened the connection, whichever packet it is about.
    boolean isReply = Reported.Packets.of(packet.prefix()) == Reported.Packets.REPLIES;
    if (!window.add(packet.prefix(), isReply ? flow.get().reversed() : flow.get(), now)) {
      full.incrementAndGet();
    }
  }

  /** Packets were lost before they came here; how many is not known. */
  public void lost() {
    overrun.incrementAndGet();
  }

  /** Writes what came since the last call. */
  public void flush() {
    List<FlowWindow.Sum> sums = window.take();
    if (sums.isEmpty()) {
      return;
    }
    Set<IpAddress> addresses = new HashSet<>();
    for (FlowWindow.Sum sum : sums) {
      addresses.add(sum.sample().source());
      addresses.add(sum.sample().destination());
    }
    Map<IpAddress, Owner> holders = owners.of(addresses);
    ByteArrayOutputStream chunk = new ByteArrayOutputStream();
    int lines = 0;
    for (FlowWindow.Sum sum : sums) {
      String line = FlowLine.of(sum, names.ofPrefix(sum.prefix()), holders, node) + "\n";
      chunk.writeBytes(line.getBytes(StandardCharsets.UTF_8));
      lines++;
      if (chunk.size() >= CHUNK) {
        write(chunk.toByteArray(), lines);
        chunk.reset();
        lines = 0;
      }
    }
    if (lines > 0) {
      write(chunk.toByteArray(), lines);
    }
  }

  private void write(byte[] chunk, int lines) {
    try {
      sink.write(chunk);
      written.addAndGet(lines);
      failing = false;
    } catch (IOException e) {
      failed.addAndGet(lines);
      if (!failing) {
        LOG.warn("the flow log cannot be written, records are lost: {}", e.toString());
      }
      failing = true;
    }
  }

  /** Shows what became of records. */
  public void show(Meters meters) {
    meters.flowRecords("written", written::get);
    meters.flowRecords("overrun", overrun::get);
    meters.flowRecords("full", full::get);
    meters.flowRecords("malformed", malformed::get);
    meters.flowRecords("failed", failed::get);
  }

  /** {@code written 1, overrun 0, full 0, malformed 0, failed 0}. */
  @Override
  public String toString() {
    return "written %s, overrun %s, full %s, malformed %s, failed %s"
        .formatted(written, overrun, full, malformed, failed);
  }
}
