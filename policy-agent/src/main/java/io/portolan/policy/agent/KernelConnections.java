package io.portolan.policy.agent;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.conntrack.ConntrackSocket;
import io.portolan.linux.conntrack.FlowFilter;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.Mark;
import java.net.InetAddress;
import java.util.List;

/** Connection tracking of the kernel; used by one thread at a time. */
public final class KernelConnections implements Connections, AutoCloseable {
  private final ConntrackSocket socket;

  public KernelConnections(ConntrackSocket socket) {
    this.socket = socket;
  }

  @Override
  public void forget(List<IpAddress> addresses) {
    for (IpAddress address : addresses) {
      InetAddress end = address.toInetAddress();
      socket.delete(FlowFilter.ALL.withSource(end));
      socket.delete(FlowFilter.ALL.withDestination(end));
      // Behind destination NAT the pod is only in the tuple of the replies.
      socket.delete(FlowFilter.ALL.withReplySource(IpPrefix.of(end)));
    }
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
