package io.portolan.linux.route;

import io.portolan.linux.netlink.MalformedMessageException;
import io.portolan.linux.netlink.MessageDecoder;
import io.portolan.linux.netlink.NetlinkBuffers;
import io.portolan.linux.netlink.NetlinkMessage;
import io.portolan.linux.netlink.NetlinkProtocol;
import io.portolan.linux.netlink.NetlinkSubscription;
import io.portolan.linux.netns.NetworkNamespace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Reports changes of one namespace's network configuration, whoever makes them.
 *
 * <p>Open it first and list afterwards: then nothing is missed, and what is both listed and
 * reported is the same. One thread receives, any may close.
 */
public final class NetworkMonitor implements AutoCloseable {
  /** What to watch. */
  public enum Subject {
    LINKS(Rtnetlink.GROUP_LINK),
    ADDRESSES(Rtnetlink.GROUP_IPV4_ADDRESS, Rtnetlink.GROUP_IPV6_ADDRESS),
    ROUTES(Rtnetlink.GROUP_IPV4_ROUTE, Rtnetlink.GROUP_IPV6_ROUTE),
    RULES(Rtnetlink.GROUP_IPV4_RULE, Rtnetlink.GROUP_IPV6_RULE),
    /** Neighbours and forwarding entries. */
    NEIGHBORS(Rtnetlink.GROUP_NEIGH);

    @SuppressWarnings("ImmutableEnumChecker") // never written after construction
    private final int[] groups;

    Subject(int... groups) {
      this.groups = groups;
    }
  }

  private final NetlinkSubscription subscription;

  private NetworkMonitor(NetlinkSubscription subscription) {
    this.subscription = subscription;
  }

  /** Watches the namespace of the calling thread. */
  public static NetworkMonitor open(Set<Subject> subjects) {
    return open(subjects, NetlinkBuffers.DEFAULT);
  }

  /** As {@link #open(Set)} with buffers that decide how many events may wait unread. */
  public static NetworkMonitor open(Set<Subject> subjects, NetlinkBuffers buffers) {
    int[] groups = subjects.stream().sorted().flatMapToInt(s -> Arrays.stream(s.groups)).toArray();
    return new NetworkMonitor(NetlinkSubscription.open(NetlinkProtocol.ROUTE, buffers, groups));
  }

  /** Watches {@code namespace}; may be used from anywhere. */
  public static NetworkMonitor openIn(NetworkNamespace namespace, Set<Subject> subjects) {
    return namespace.call(() -> open(subjects));
  }

  /**
   * Waits for changes and hands them to {@code each} in the order they were made.
   *
   * @param timeout how long to wait for the first
   * @return false once closed
   */
  public boolean receive(Duration timeout, Consumer<NetworkEvent> each) {
    List<NetworkEvent> events = new ArrayList<>();
    NetlinkSubscription.Outcome outcome = subscription.receive(timeout, m -> decode(m, events));
    if (outcome == NetlinkSubscription.Outcome.OVERRUN) {
      events.add(new NetworkEvent.Resync());
    }
    events.forEach(each);
    return outcome != NetlinkSubscription.Outcome.CLOSED;
  }

  private static void decode(NetlinkMessage message, List<NetworkEvent> events) {
    try {
      switch (message.type()) {
        case Rtnetlink.NEWLINK -> link(message, events, NetworkEvent.LinkChanged::new);
        case Rtnetlink.DELLINK -> link(message, events, NetworkEvent.LinkRemoved::new);
        case Rtnetlink.NEWADDR -> object(message, RouteDecoders.ADDRESS, events, true);
        case Rtnetlink.DELADDR -> object(message, RouteDecoders.ADDRESS, events, false);
        case Rtnetlink.NEWROUTE -> object(message, RouteDecoders.ROUTE, events, true);
        case Rtnetlink.DELROUTE -> object(message, RouteDecoders.ROUTE, events, false);
        case Rtnetlink.NEWRULE -> object(message, RouteDecoders.RULE, events, true);
        case Rtnetlink.DELRULE -> object(message, RouteDecoders.RULE, events, false);
        case Rtnetlink.NEWNEIGH -> neighbor(message, events, true);
        case Rtnetlink.DELNEIGH -> neighbor(message, events, false);
        default -> {}
      }
    } catch (MalformedMessageException e) {
      events.add(new NetworkEvent.Resync());
    }
  }

  /**
   * Bridges also report their ports under their own family; those messages say less and are left
   * out.
   */
  private static void link(
      NetlinkMessage message, List<NetworkEvent> events, Function<Link, NetworkEvent> event) {
    if (message.u8(0) == 0) {
      RouteDecoders.LINK.decode(message, link -> events.add(event.apply(link)));
    }
  }

  private static void neighbor(NetlinkMessage message, List<NetworkEvent> events, boolean present) {
    if (message.u8(0) == NeighborCodec.AF_BRIDGE) {
      object(message, RouteDecoders.FDB, events, present);
    } else {
      object(message, RouteDecoders.NEIGHBOR, events, present);
    }
  }

  private static <T extends NetworkObject> void object(
      NetlinkMessage message,
      MessageDecoder<T> decoder,
      List<NetworkEvent> events,
      boolean present) {
    decoder.decode(
        message,
        object ->
            events.add(
                present ? new NetworkEvent.Changed(object) : new NetworkEvent.Removed(object)));
  }

  @Override
  public void close() {
    subscription.close();
  }
}
