package io.portolan.lab.bench;

import io.portolan.common.net.IpAddress;
import io.portolan.lab.bench.NodePods.NodePod;
import io.portolan.linux.packet.IpPacket;
import io.portolan.linux.packet.Segment;
import io.portolan.linux.packet.Station;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Packets to some addresses, all the time, that end with a mark. */
final class Flood implements AutoCloseable {
  /** Between two packets to each address; more often would leave the agent no processor. */
  private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  private static final int PORT = 9999;

  /** One way of sending. */
  private interface Sender extends AutoCloseable {
    /** Sends a packet, or is told that there is no way yet. */
    boolean send(IpAddress to);

    @Override
    void close();
  }

  private final Sender sender;
  private final Thread thread;
  private volatile boolean ending;

  /** Owned by the thread, until it has ended. */
  private long sent;

  private Flood(String name, Sender sender, List<IpAddress> targets) {
    this.sender = sender;
    thread =
        Thread.ofPlatform()
            .name(name)
            .daemon()
            .start(() -> {
              while (!ending) {
                for (IpAddress target : targets) {
                  if (sender.send(target)) {
                    sent++;
                  }
                }
                LockSupport.parkNanos(PAUSE_NANOS);
              }
            });
  }

  /** From a pod's own namespace, by what any program in it may open; it need not have a link. */
  static Flood within(NodePod pod, List<IpAddress> targets, long mark) throws IOException {
    DatagramChannel channel =
        pod.netns()
            .<DatagramChannel, IOException>call(
                () -> DatagramChannel.open(StandardProtocolFamily.INET));
    channel.configureBlocking(false);
    return new Flood("flood of " + pod.key(), new Socket(channel, mark), targets);
  }

  /**
   * From a machine of the network around the node.
   *
   * @param source that it pretends to have
   */
  static Flood outside(Station station, IpAddress source, List<IpAddress> targets, long mark) {
    return new Flood("flood from outside", new Wire(station, source, mark), targets);
  }

  private record Socket(DatagramChannel channel, long mark) implements Sender {
    @Override
    public boolean send(IpAddress to) {
      try {
        ByteBuffer payload = ByteBuffer.allocate(Long.BYTES).putLong(mark).flip();
        return channel.send(payload, new InetSocketAddress(to.toInetAddress(), PORT)) > 0;
      } catch (IOException e) {
        return false; // no route; or the last one was answered by an error
      }
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new IllegalStateException("a datagram socket does not close", e);
      }
    }
  }

  private record Wire(Station station, IpAddress source, long mark) implements Sender {
    @Override
    public boolean send(IpAddress to) {
      Segment segment = new Segment.Udp(PORT, PORT);
      station.send(new IpPacket(source.toInetAddress(), to.toInetAddress(), segment, mark));
      return true;
    }

    @Override
    public void close() {
      station.close();
    }
  }

  /** Ends it; how many packets were sent. */
  long end() {
    close();
    return sent;
  }

  @Override
  public void close() {
    ending = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    sender.close();
  }
}
