package io.portolan.policy.agent;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.conntrack.ConntrackSocket;
import io.portolan.linux.conntrack.FlowFilter;
import io.portolan.linux.route.Mark;
import java.util.List;

/** Connection tracking of the kernel; used by one thread at a time. */
public final class KernelConnections implements Connections, AutoCloseable {
  private final ConntrackSocket socket;

  public KernelConnections(ConntrackSocket socket) {
    this.socket = socket;
  }

  @Override
  public void forget(List<IpAddress> addresses) {
    socket.deleteOf(addresses.stream().map(IpAddress::toInetAddress).toList());
  }

  @Override
  public void clearMarks(int mask) {
    socket.mark(FlowFilter.ALL, new Mark(0, mask));
  }

  @Override
  public void close() {
    socket.close();
  }
}
