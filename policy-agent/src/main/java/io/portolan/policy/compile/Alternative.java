package io.portolan.policy.compile;

import static io.portolan.linux.nft.NftStatement.equal;

import io.portolan.common.net.IpFamily;
import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.policy.model.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One way to meet a condition, as one kernel rule can test it: a conjunction.
 *
 * @param family the only one it can hold for
 * @param familyShown whether a statement looks at an address of the family, and thereby leaves the
 *     rule for packets of the other
 * @param protocol the only one it can hold for
 * @param statements what else is tested, in this order
 */
record Alternative(
    Optional<IpFamily> family,
    boolean familyShown,
    Optional<Protocol> protocol,
    List<NftStatement> statements) {
  static final Alternative ALWAYS =
      new Alternative(Optional.empty(), false, Optional.empty(), List.of());

  Alternative {
    statements = List.copyOf(statements);
  }

  static Alternative of(NftStatement... statements) {
    return new Alternative(Optional.empty(), false, Optional.empty(), List.of(statements));
  }

  static Alternative of(IpFamily family) {
    return new Alternative(Optional.of(family), false, Optional.empty(), List.of());
  }

  /** Tests of an address. */
  static Alternative of(IpFamily family, NftStatement... statements) {
    return new Alternative(Optional.of(family), true, Optional.empty(), List.of(statements));
  }

  static Alternative of(Protocol protocol, NftStatement... statements) {
    return new Alternative(Optional.empty(), false, Optional.of(protocol), List.of(statements));
  }

  Alternative within(Protocol other) {
    return new Alternative(family, familyShown, Optional.of(other), statements);
  }

  Alternative within(IpFamily other) {
    return new Alternative(Optional.of(other), familyShown, protocol, statements);
  }

  /** Anything but the protocol. */
  static Alternative not(Protocol protocol) {
    return of(isNot(protocol));
  }

  /** Both at once; empty if they exclude each other. */
  Optional<Alternative> and(Alternative other) {
    if (conflict(family, other.family) || conflict(protocol, other.protocol)) {
      return Optional.empty();
    }
    Optional<Protocol> only = protocol.or(() -> other.protocol);
    List<NftStatement> both = new ArrayList<>(statements);
    for (NftStatement statement : other.statements) {
      if (both.stream().anyMatch(known -> exclude(known, statement))) {
        return Optional.empty();
      }
      if (!both.contains(statement)) {
        both.add(statement);
      }
    }
    if (only.isPresent()) {
      if (both.contains(isNot(only.get()))) {
        return Optional.empty();
      }
      // What is of one protocol is of no other.
      both.removeIf(Alternative::isNotAProtocol);
    }
    return Optional.of(
        new Alternative(
            family.or(() -> other.family), familyShown || other.familyShown, only, both));
  }

  /**
   * Whether no packet can meet both. Says so only where that is seen from the statements alone:
   * what a lookup finds is not known here.
   */
  private static boolean exclude(NftStatement one, NftStatement other) {
    return negation(one).filter(other::equals).isPresent()
        || (one instanceof NftStatement.Compare a
            && other instanceof NftStatement.Compare b
            && a.selector().equals(b.selector())
            && a.mask().isEmpty()
            && b.mask().isEmpty()
            && !a.negated()
            && !b.negated()
            && !a.value().equals(b.value()));
  }

  /** The opposite test; empty for a statement that tests nothing a rule of policy does. */
  private static Optional<NftStatement> negation(NftStatement statement) {
    return switch (statement) {
      case NftStatement.Compare(var selector, var mask, var value, boolean negated) ->
          Optional.of(new NftStatement.Compare(selector, mask, value, !negated));
      case NftStatement.InPrefix(var selector, var network, int length, boolean negated) ->
          Optional.of(new NftStatement.InPrefix(selector, network, length, !negated));
      case NftStatement.InRange(var selector, var range, boolean negated) ->
          Optional.of(new NftStatement.InRange(selector, range, !negated));
      case NftStatement.Lookup(var key, var set, boolean negated) ->
          Optional.of(new NftStatement.Lookup(key, set, !negated));
      default -> Optional.empty();
    };
  }

  private static NftStatement isNot(Protocol protocol) {
    return new NftStatement.Compare(
        MetaField.L4PROTO, Optional.empty(), NftValue.protocol(protocol.number()), true);
  }

  private static boolean isNotAProtocol(NftStatement statement) {
    return statement instanceof NftStatement.Compare compare
        && compare.selector().equals(MetaField.L4PROTO)
        && compare.negated();
  }

  private static <T> boolean conflict(Optional<T> one, Optional<T> other) {
    return one.isPresent() && other.isPresent() && !one.equals(other);
  }

  /** All of it as statements of one rule; the kernel stops at the first that does not hold. */
  List<NftStatement> test() {
    List<NftStatement> all = new ArrayList<>();
    if (!familyShown) {
      // NFPROTO_IPV4 and NFPROTO_IPV6 of linux/netfilter.h.
      family.ifPresent(f ->
          all.add(
              equal(
                  MetaField.NFPROTO,
                  NftValue.number(NftType.NFPROTO, f == IpFamily.IPV4 ? 2 : 10))));
    }
    protocol.ifPresent(p -> all.add(equal(MetaField.L4PROTO, NftValue.protocol(p.number()))));
    all.addAll(statements);
    return all;
  }
}
