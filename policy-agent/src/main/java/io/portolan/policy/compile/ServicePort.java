package io.portolan.policy.compile;

import io.portolan.linux.nft.CtField;
import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftInterval;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSelector;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.policy.model.Protocol;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** What a connection reaches at its destination: a port of a protocol. */
record ServicePort(Protocol protocol, int port) implements Comparable<ServicePort> {
  private static final Comparator<ServicePort> ORDER =
      Comparator.<ServicePort, Protocol>comparing(ServicePort::protocol)
          .thenComparingInt(ServicePort::port);

  /** Where a packet of the connection has it, in a map's key. */
  static final List<NftSelector> KEY = List.of(MetaField.L4PROTO, CtField.REPLY_PROTO_SRC);

  static final NftType[] KEY_TYPES = {NftType.INET_PROTO, NftType.INET_SERVICE};

  NftValue[] key() {
    return new NftValue[] {NftValue.protocol(protocol.number()), NftValue.port(port)};
  }

  /**
   * The ports outside of which a policy's rules match nothing, read from the rules themselves.
   *
   * @param most how many there may be
   * @return empty if there are more, or if some rule looks at no port
   */
  static Optional<SortedSet<ServicePort>> of(PolicyLowering.Lowered policy, int most) {
    TreeSet<ServicePort> ports = new TreeSet<>();
    for (NftRule rule : policy.rules()) {
      Optional<Protocol> protocol = protocol(rule);
      Optional<List<PortRange>> ranges =
          rule.statements().stream()
              .flatMap(statement -> ranges(statement, policy.sets()).stream())
              .findFirst();
      if (protocol.isEmpty() || ranges.isEmpty()) {
        return Optional.empty();
      }
      for (PortRange range : ranges.get()) {
        if (range.to() - range.from() >= most) {
          return Optional.empty();
        }
        for (int port = range.from(); port <= range.to(); port++) {
          ports.add(new ServicePort(protocol.get(), port));
        }
      }
      if (ports.size() > most) {
        return Optional.empty();
      }
    }
    return Optional.of(ports);
  }

  private static Optional<Protocol> protocol(NftRule rule) {
    for (NftStatement statement : rule.statements()) {
      if (statement instanceof NftStatement.Compare(var selector, var mask, var value, var negated)
          && selector.equals(MetaField.L4PROTO)
          && mask.isEmpty()
          && !negated) {
        return Optional.of(new Protocol((int) value.low()));
      }
    }
    return Optional.empty();
  }

  /** The ports that a statement tests for; empty if it does not, or tests for all others. */
  private static Optional<List<PortRange>> ranges(NftStatement statement, List<SetSpec> sets) {
    return switch (statement) {
      case NftStatement.Compare(var selector, var mask, var value, var negated)
          when selector.equals(CtField.REPLY_PROTO_SRC) && mask.isEmpty() && !negated ->
          Optional.of(List.of(new PortRange((int) value.low(), (int) value.low())));
      case NftStatement.InRange(var selector, NftInterval range, var negated)
          when selector.equals(CtField.REPLY_PROTO_SRC) && !negated ->
          Optional.of(List.of(new PortRange((int) range.from().low(), (int) range.to().low())));
      case NftStatement.Lookup(var key, String set, var negated)
          when key.equals(List.of(CtField.REPLY_PROTO_SRC)) && !negated ->
          sets.stream()
              .filter(SetSpec.Ports.class::isInstance)
              .filter(spec -> spec.set().name().equals(set))
              .map(spec -> ((SetSpec.Ports) spec).ranges())
              .findFirst();
      default -> Optional.empty();
    };
  }

  /** {@code tcp/80}. */
  @Override
  public String toString() {
    return protocol.text() + "/" + port;
  }

  @Override
  public int compareTo(ServicePort other) {
    return ORDER.compare(this, other);
  }
}
