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

  /** Both at once; empty if they exclude each other. */
  Optional<Alternative> and(Alternative other) {
    if (conflict(family, other.family) || conflict(protocol, other.protocol)) {
      return Optional.empty();
    }
    List<NftStatement> both = new ArrayList<>(statements);
    other.statements.stream().filter(s -> !both.contains(s)).forEach(both::add);
    return Optional.of(
        new Alternative(
            family.or(() -> other.family),
            familyShown || other.familyShown,
            protocol.or(() -> other.protocol),
            both));
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
