package io.portolan.linux.conntrack;

import io.portolan.linux.netlink.NetlinkBatch;
import io.portolan.linux.netlink.NetlinkFlags;
import io.portolan.linux.netlink.NetlinkSocket;
import io.portolan.linux.route.AddressFamily;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Flows that no packet began. */
final class CreatedFlows {
  private static final int NEW = 1 << 8;
  private static final int UDP = 17;
  private static final int HOUR = 3600;

  private CreatedFlows() {}

  static FlowTuple udp(InetAddress source, InetAddress destination) {
    return new FlowTuple(
        source, destination, UDP, 1000, 2000, Optional.empty(), OptionalInt.empty());
  }

  /** Flows without translation. */
  static void create(NetlinkSocket socket, List<FlowTuple> flows) {
    NetlinkBatch batch = new NetlinkBatch();
    flows.forEach(flow -> add(batch, flow, flow.destination()));
    socket.execute(batch).throwIfFailed();
  }

  /** A flow that somebody else answers. */
  static void create(NetlinkSocket socket, FlowTuple flow, InetAddress answering) {
    NetlinkBatch batch = new NetlinkBatch();
    add(batch, flow, answering);
    socket.execute(batch).throwIfFailed();
  }

  private static void add(NetlinkBatch batch, FlowTuple flow, InetAddress answering) {
    FlowTuple reply =
        new FlowTuple(
            answering,
            flow.source(),
            flow.protocol(),
            flow.destinationPort(),
            flow.sourcePort(),
            Optional.empty(),
            OptionalInt.empty());
    batch.add(
        NEW,
        NetlinkFlags.ACK | NetlinkFlags.CREATE,
        () -> "create " + flow,
        w -> {
          FlowCodec.writeHeader(w, AddressFamily.of(flow.source()).number());
          w.nested(FlowCodec.TUPLE_ORIGINAL, t -> FlowCodec.writeTuple(t, flow));
          w.nested(FlowCodec.TUPLE_REPLY, t -> FlowCodec.writeTuple(t, reply));
          w.u32BigEndian(FlowCodec.TIMEOUT, HOUR);
        });
  }
}
