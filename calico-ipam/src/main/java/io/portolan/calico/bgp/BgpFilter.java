package io.portolan.calico.bgp;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpFamily;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A BGPFilter: the first rule that matches decides; without one the usual rules go on. */
public record BgpFilter(
    String name, Map<IpFamily, List<Rule>> exports, Map<IpFamily, List<Rule>> imports) {
  public BgpFilter {
    exports = Map.copyOf(exports);
    imports = Map.copyOf(imports);
  }

  List<Rule> rules(boolean export, IpFamily family) {
    return (export ? exports : imports).getOrDefault(family, List.of());
  }

  /**
   * All of what is given has to match.
   *
   * @param fromPeers only routes that came from a peer
   * @param device pattern of the outgoing device's name
   * @param internal only towards peers of the same AS, or only of others
   * @param pathPrefix how the AS path begins
   * @param priority as kernels count: lower is better
   * @param operations done before a route is accepted
   */
  public record Rule(
      Optional<PrefixMatch> prefix,
      boolean fromPeers,
      Optional<String> device,
      Optional<Boolean> internal,
      Optional<BgpCommunity> community,
      List<Long> pathPrefix,
      OptionalInt priority,
      boolean accept,
      List<Operation> operations) {
    public Rule {
      pathPrefix = List.copyOf(pathPrefix);
      operations = List.copyOf(operations);
    }
  }

  /**
   * Compares a route's destination.
   *
   * @param min least prefix length; empty: the block's own
   * @param max greatest prefix length; empty: a single address
   */
  public record PrefixMatch(Operator operator, Cidr cidr, OptionalInt min, OptionalInt max) {
    /** How to compare. */
    public enum Operator {
      EQUAL,
      NOT_EQUAL,
      IN,
      NOT_IN
    }
  }

  /** A change to a route. */
  public sealed interface Operation {
    record AddCommunity(BgpCommunity community) implements Operation {}

    /** The path then begins with these, in this order. */
    record PrependPath(List<Long> asNumbers) implements Operation {
      public PrependPath {
        asNumbers = List.copyOf(asNumbers);
      }
    }

    record SetPriority(int priority) implements Operation {}
  }
}
