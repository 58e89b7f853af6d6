package io.portolan.linux.conntrack;

import io.portolan.linux.netlink.NetlinkProtocol;
import io.portolan.linux.netlink.NetlinkSocket;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.route.IpPrefix;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What it costs to forget the flows of some addresses in a table full of others' flows: processor
 * time of the thread, in the kernel and here.
 *
 * <p>Run by hand: {@code java -cp … io.portolan.linux.conntrack.ConntrackBenchmark}, as root.
 */
public final class ConntrackBenchmark {
  private static final int OWN_FLOWS = 5;
  private static final int TIMES = 20;

  private final NetlinkSocket socket;
  private final ConntrackSocket conntrack;

  private ConntrackBenchmark(NetlinkSocket socket, ConntrackSocket conntrack) {
    this.socket = socket;
    this.conntrack = conntrack;
  }

  public static void main(String[] arguments) {
    for (int others : new int[] {0, 2_000, 50_000}) {
      try (NetworkNamespace namespace = NetworkNamespace.anonymous();
          NetlinkSocket socket = namespace.socket(NetlinkProtocol.NETFILTER);
          ConntrackSocket conntrack = ConntrackSocket.openIn(namespace)) {
        new ConntrackBenchmark(socket, conntrack).run(others);
      }
    }
  }

  private void run(int others) {
    List<FlowTuple> foreign = new ArrayList<>();
    for (int flow = 0; flow < others; flow++) {
      foreign.add(flow(0x0b000000 + flow % 50, 0x0c000000 + flow / 50));
    }
    create(foreign);
    if (conntrack.count() != others) {
      throw new IllegalStateException(conntrack.count() + " flows where " + others + " were made");
    }
    for (int addresses : new int[] {1, 2, 3, 10, 110}) {
      measure(others, addresses, "three walks for each", this::each);
      measure(others, addresses, "as few as it takes", conntrack::deleteOf);
    }
  }

  private int each(List<InetAddress> addresses) {
    int deleted = 0;
    for (InetAddress address : addresses) {
      deleted += conntrack.delete(FlowFilter.ALL.withSource(address));
      deleted += conntrack.delete(FlowFilter.ALL.withDestination(address));
      deleted += conntrack.delete(FlowFilter.ALL.withReplySource(IpPrefix.of(address)));
    }
    return deleted;
  }

  private interface Forgetting {
    int forget(List<InetAddress> addresses);
  }

  private void measure(int others, int count, String how, Forgetting forgetting) {
    List<InetAddress> addresses = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      addresses.add(address(0x0a000000 + i));
    }
    int times = count > 10 ? 3 : TIMES;
    double[] millis = new double[times];
    for (int time = -2; time < times; time++) {
      List<FlowTuple> own = new ArrayList<>();
      for (int i = 0; i < count * OWN_FLOWS; i++) {
        own.add(
            i % 2 == 0
                ? flow(0x0a000000 + i / OWN_FLOWS, 0x0d000000 + i)
                : flow(0x0d000000 + i, 0x0a000000 + i / OWN_FLOWS));
      }
      create(own);
      long begin = cpu();
      int deleted = forgetting.forget(addresses);
      long end = cpu();
      if (deleted != own.size()) {
        throw new IllegalStateException(how + ": " + deleted + " of " + own.size());
      }
      if (time >= 0) {
        millis[time] = (end - begin) / 1e6;
      }
    }
    Arrays.sort(millis);
    System.out.printf(
        Locale.ROOT,
        "%,7d flows of others, %3d addresses, %-20s p50 %8.2f ms  max %8.2f ms%n",
        others,
        count,
        how,
        millis[times / 2],
        millis[times - 1]);
  }

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private void create(List<FlowTuple> flows) {
    CreatedFlows.create(socket, flows);
  }

  private static FlowTuple flow(int source, int destination) {
    return CreatedFlows.udp(address(source), address(destination));
  }

  private static InetAddress address(int bits) {
    try {
      return InetAddress.getByAddress(ByteBuffer.allocate(Integer.BYTES).putInt(bits).array());
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
