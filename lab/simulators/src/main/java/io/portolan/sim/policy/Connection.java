package io.portolan.sim.policy;

import io.portolan.common.net.IpAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A new connection.
 *
 * @param protocol IANA number
 * @param port of the destination
 */
public record Connection(End from, End to, int protocol, int port) {
  public static final int TCP = 6;
  public static final int UDP = 17;
  public static final int SCTP = 132;

  /**
   * Who talks or is talked to.
   *
   * @param pod empty for what is no pod, or not known as one by its address
   * @param addresses those it may use here
   */
  public record End(Optional<Pod> pod, List<IpAddress> addresses) {
    public End {
      addresses = List.copyOf(addresses);
    }

    public static End of(Pod pod, List<IpAddress> addresses) {
      return new End(Optional.of(pod), addresses);
    }

    public static End outside(IpAddress address) {
      return new End(Optional.empty(), List.of(address));
    }
  }

  /** What policies know of a pod. */
  public record Pod(String namespace, Map<String, String> labels, List<NamedPort> ports) {
    public Pod {
      labels = Map.copyOf(labels);
      ports = List.copyOf(ports);
    }
  }

  /** A container port with a name. */
  public record NamedPort(String name, int protocol, int number) {}
}
