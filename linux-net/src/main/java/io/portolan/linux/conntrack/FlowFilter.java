package io.portolan.linux.conntrack;

import io.portolan.linux.route.AddressFamily;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.Mark;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Which flows; every part that is not empty must match. Addresses and ports are those of the
 * original direction unless said otherwise.
 *
 * @param family both if empty
 * @param source who began it
 * @param destination whom it meant to reach, before translation
 * @param replySource who answers: the destination after translation
 * @param replyDestination whom answers go to: the source after translation
 * @param protocol IANA number
 * @param sourcePort needs a protocol
 * @param destinationPort needs a protocol
 * @param zone of conntrack
 * @param mark bits of the connection mark
 */
public record FlowFilter(
    Optional<AddressFamily> family,
    Optional<IpPrefix> source,
    Optional<IpPrefix> destination,
    Optional<IpPrefix> replySource,
    Optional<IpPrefix> replyDestination,
    OptionalInt protocol,
    OptionalInt sourcePort,
    OptionalInt destinationPort,
    OptionalInt zone,
    Optional<Mark> mark) {
  public static final FlowFilter ALL =
      new FlowFilter(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty());

  /**
   * @throws IllegalArgumentException if the parts are of different families, or ports come without
   *     a protocol
   */
  public FlowFilter {
    List<AddressFamily> families =
        Stream.concat(
                family.stream(),
                Stream.of(source, destination, replySource, replyDestination)
                    .flatMap(Optional::stream)
                    .map(IpPrefix::family))
            .distinct()
            .toList();
    if (families.size() > 1) {
      throw new IllegalArgumentException("a flow is of one family; the filter names " + families);
    }
    family = families.stream().findFirst();
    if (protocol.isEmpty() && (sourcePort.isPresent() || destinationPort.isPresent())) {
      throw new IllegalArgumentException("protocol is missing: ports mean nothing without one");
    }
  }

  public FlowFilter withFamily(AddressFamily value) {
    return with(draft -> draft.family = Optional.of(value));
  }

  public FlowFilter withSource(IpPrefix value) {
    return with(draft -> draft.source = Optional.of(value));
  }

  public FlowFilter withSource(InetAddress value) {
    return withSource(IpPrefix.of(value));
  }

  public FlowFilter withDestination(IpPrefix value) {
    return with(draft -> draft.destination = Optional.of(value));
  }

  public FlowFilter withDestination(InetAddress value) {
    return withDestination(IpPrefix.of(value));
  }

  public FlowFilter withReplySource(IpPrefix value) {
    return with(draft -> draft.replySource = Optional.of(value));
  }

  public FlowFilter withReplyDestination(IpPrefix value) {
    return with(draft -> draft.replyDestination = Optional.of(value));
  }

  public FlowFilter withProtocol(int value) {
    return with(draft -> draft.protocol = OptionalInt.of(value));
  }

  /** Flows of a protocol to a port. */
  public FlowFilter withDestinationPort(int protocolNumber, int port) {
    return with(draft -> {
      draft.protocol = OptionalInt.of(protocolNumber);
      draft.destinationPort = OptionalInt.of(port);
    });
  }

  /** Flows of a protocol from a port. */
  public FlowFilter withSourcePort(int protocolNumber, int port) {
    return with(draft -> {
      draft.protocol = OptionalInt.of(protocolNumber);
      draft.sourcePort = OptionalInt.of(port);
    });
  }

  public FlowFilter withZone(int value) {
    return with(draft -> draft.zone = OptionalInt.of(value));
  }

  public FlowFilter withMark(Mark value) {
    return with(draft -> draft.mark = Optional.of(value));
  }

  public boolean matches(Flow flow) {
    FlowTuple original = flow.original();
    return family.map(f -> f == flow.family()).orElse(true)
        && in(source, original.source())
        && in(destination, original.destination())
        && in(replySource, flow.reply().source())
        && in(replyDestination, flow.reply().destination())
        && is(protocol, original.protocol())
        && is(sourcePort, original.sourcePort())
        && is(destinationPort, original.destinationPort())
        && is(zone, flow.zone())
        && mark.map(m -> m.matches(flow.mark())).orElse(true);
  }

  private static boolean in(Optional<IpPrefix> prefix, InetAddress address) {
    return prefix.map(p -> p.contains(address)).orElse(true);
  }

  private static boolean is(OptionalInt wanted, int value) {
    return wanted.isEmpty() || wanted.getAsInt() == value;
  }

  private FlowFilter with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.build();
  }

  /** All parts in fields, so that a change names the one it changes. */
  private static final class Draft {
    Optional<AddressFamily> family;
    Optional<IpPrefix> source;
    Optional<IpPrefix> destination;
    Optional<IpPrefix> replySource;
    Optional<IpPrefix> replyDestination;
    OptionalInt protocol;
    OptionalInt sourcePort;
    OptionalInt destinationPort;
    OptionalInt zone;
    Optional<Mark> mark;

    Draft(FlowFilter original) {
      family = original.family;
      source = original.source;
      destination = original.destination;
      replySource = original.replySource;
      replyDestination = original.replyDestination;
      protocol = original.protocol;
      sourcePort = original.sourcePort;
      destinationPort = original.destinationPort;
      zone = original.zone;
      mark = original.mark;
    }

    FlowFilter build() {
      return new FlowFilter(
          family,
          source,
          destination,
          replySource,
          replyDestination,
          protocol,
          sourcePort,
          destinationPort,
          zone,
          mark);
    }
  }
}
