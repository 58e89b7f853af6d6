package io.portolan.linux.packet;

import io.portolan.linux.ffi.SystemCallException;
import io.portolan.linux.ffi.SystemCalls;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Tries which new connections get from one place to another: sends the first packet of each and
 * looks whether it arrives, many at once. That one does not arrive is known for certain and without
 * waiting for silence (see {@link Sentinel}), so some ten thousand a second can be tried.
 *
 * <p>All packets travel between namespaces of this machine over virtual Ethernet. One thread asks
 * at a time.
 */
public final class PacketProber implements AutoCloseable {
  /** Together they fit into the queues of the way: {@code net.core.netdev_max_backlog} is 1000. */
  private static final int BATCH = 128;

  /** Identifiers of ICMP begin anew after so many. */
  private static final int IDENTIFIERS = 1 << 16;

  private final Runnable forget;
  private final Sentinel sentinel = new Sentinel();

  /** What is sent from one processor keeps its order. */
  private final ExecutorService pinned =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("packets").daemon().factory());

  /** Upper half of marks, so that no other run's packet is taken for one of ours. */
  private final long run = new SplittableRandom().nextLong() << 32;

  private final Set<Connection> known = new HashSet<>();
  private int number;
  private long late;

  /**
   * @param forget makes every machine on the way forget the connections it knows: called before a
   *     connection is tried that it may know
   */
  public PacketProber(Runnable forget) {
    this.forget = forget;
    onProcessor(() -> SystemCallException.check(SystemCalls.linux().pinThread(), "pin thread"));
  }

  /** A connection to try. Of ICMP the identifier is chosen by the prober. */
  public record Attempt(
      Station from, Station to, InetAddress source, InetAddress destination, Segment segment) {}

  /** Connections that connection tracking takes for one have one of these, whoever began it. */
  private record Connection(Set<End> ends, int protocol) {
    private record End(InetAddress address, int port) {}

    static Connection of(InetAddress source, InetAddress destination, Segment segment) {
      return switch (segment) {
        case Segment.TcpSyn(int from, int to) -> of(source, from, destination, to, Segment.TCP);
        case Segment.Udp(int from, int to) -> of(source, from, destination, to, Segment.UDP);
        case Segment.SctpInit(int from, int to) -> of(source, from, destination, to, Segment.SCTP);
        case Segment.Icmp icmp ->
            of(source, icmp.identifier(), destination, icmp.identifier(), icmp.protocol());
        case Segment.Other(int protocol) -> of(source, 0, destination, 0, protocol);
      };
    }

    private static Connection of(
        InetAddress source, int from, InetAddress destination, int to, int protocol) {
      Set<End> ends = new HashSet<>(4);
      ends.add(new End(source, from));
      ends.add(new End(destination, to));
      return new Connection(ends, protocol);
    }
  }

  private record Sent(int attempt, int number, Station to) {}

  /**
   * Tries all, each as a new connection.
   *
   * @return the numbers of those whose packet arrived
   */
  public BitSet arrivals(List<Attempt> attempts) {
    BitSet arrived = new BitSet(attempts.size());
    onProcessor(() -> {
      List<Sent> batch = new ArrayList<>();
      LinkedHashSet<Station> stations = new LinkedHashSet<>();
      for (int i = 0; i < attempts.size(); i++) {
        Attempt attempt = attempts.get(i);
        Segment segment = numbered(attempt.segment(), number + 1);
        Connection connection = Connection.of(attempt.source(), attempt.destination(), segment);
        boolean collides = !known.add(connection) || known.size() > IDENTIFIERS / 2;
        if (collides || batch.size() == BATCH) {
          collect(batch, stations, arrived);
        }
        if (collides) {
          forget.run();
          known.clear();
          known.add(connection);
        }
        IpPacket packet =
            new IpPacket(
                attempt.source(), attempt.destination(), segment, run | (++number & 0xffff_ffffL));
        attempt.to().expect(packet);
        attempt.from().send(packet);
        batch.add(new Sent(i, number, attempt.to()));
        stations.add(attempt.from());
        stations.add(attempt.to());
      }
      collect(batch, stations, arrived);
    });
    return arrived;
  }

  /**
   * How many packets arrived after it was said that they had not. Always 0, unless this machine
   * hands packets from processor to processor ({@code net.core.rps_default_mask}).
   */
  public long late() {
    return late;
  }

  private static Segment numbered(Segment segment, int number) {
    return segment instanceof Segment.Icmp(boolean v6, int type, int code, int _)
        ? new Segment.Icmp(v6, type, code, number & (IDENTIFIERS - 1))
        : segment;
  }

  private void collect(List<Sent> batch, Set<Station> stations, BitSet arrived) {
    if (batch.isEmpty()) {
      return;
    }
    sentinel.await();
    for (Station station : stations) {
      station.receive(mark -> {
        if ((mark ^ run) >>> 32 == 0) {
          noteArrival((int) mark, station, batch, arrived);
        }
      });
    }
    batch.clear();
    stations.clear();
  }

  private void noteArrival(int mark, Station station, List<Sent> batch, BitSet arrived) {
    int index = mark - batch.getFirst().number();
    if (index < 0) {
      late++;
      return;
    }
    // Elsewhere it may be quoted by an error message.
    Sent sent = batch.get(index);
    if (sent.to().equals(station)) {
      arrived.set(sent.attempt());
    }
  }

  private void onProcessor(Runnable action) {
    CompletableFuture.runAsync(action, pinned).join();
  }

  @Override
  public void close() {
    pinned.close();
    sentinel.close();
  }
}
