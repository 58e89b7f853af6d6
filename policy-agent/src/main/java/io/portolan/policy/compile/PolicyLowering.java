package io.portolan.policy.compile;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpFamily;
import io.portolan.linux.nft.CtField;
import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftInterval;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSelector;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.Peer;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyRule;
import io.portolan.policy.model.PortMatch;
import io.portolan.policy.model.Protocol;
import io.portolan.policy.nft.Skeleton;
import io.portolan.policy.select.NamespaceScope;
import io.portolan.policy.select.PodQuery;
import io.portolan.policy.select.Selector;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.TreeMap;

/**
 * One direction of one policy as a chain that accepts what the policy allows and returns from
 * everything else.
 *
 * <p>A rule of the policy allows peers × ports. Alternatives that one lookup can answer are merged
 * (all blocks of a rule into one interval set, all ports of a protocol into one set); what is left
 * is multiplied out, one kernel rule each. Example: {@code from: [app=web, 10.0.0.0/8], ports: [80,
 * 443, 53/UDP]} becomes
 *
 * <pre>
 *   meta l4proto tcp ct original ip saddr @pods4/… ct reply proto-src @ports/… accept
 *   meta l4proto tcp ct original ip6 saddr @pods6/… ct reply proto-src @ports/… accept
 *   meta l4proto tcp ct original ip saddr 10.0.0.0/8 ct reply proto-src @ports/… accept
 *   … and the same three for udp 53
 * </pre>
 */
final class PolicyLowering {
  private static final PodQuery EVERY_POD =
      new PodQuery(new NamespaceScope.Matching(Selector.ALL), Selector.ALL);

  private final Policy policy;
  private final Direction direction;
  private final SequencedSet<SetSpec> sets = new LinkedHashSet<>();
  private final SequencedSet<NftRule> rules = new LinkedHashSet<>();

  private PolicyLowering(Policy policy, Direction direction) {
    this.policy = policy;
    this.direction = direction;
  }

  /**
   * @param sets every set the rules look into
   */
  record Lowered(NftChain chain, List<NftRule> rules, List<SetSpec> sets) {}

  static Lowered lower(Policy policy, Direction direction) {
    PolicyLowering lowering = new PolicyLowering(policy, direction);
    policy.rules(direction).forEach(lowering::lower);
    return new Lowered(
        NftChain.regular(Naming.policyChain(policy.id(), direction)),
        List.copyOf(lowering.rules),
        List.copyOf(lowering.sets));
  }

  /** A conjunction; with a family it can only hold for packets of that family. */
  private record Condition(Optional<IpFamily> family, List<NftStatement> statements) {
    static final Condition NONE = new Condition(Optional.empty(), List.of());
  }

  /**
   * Ports of one protocol.
   *
   * @param names of ports, resolved per destination pod
   */
  private record Ports(Optional<Protocol> protocol, Condition numbers, List<String> names) {}

  private void lower(PolicyRule rule) {
    List<Condition> peers = peers(rule);
    for (Ports ports : ports(rule)) {
      List<NftStatement> guard =
          ports
              .protocol()
              .map(p ->
                  List.of(NftStatement.equal(MetaField.L4PROTO, NftValue.protocol(p.number()))))
              .orElse(List.of());
      if (ports.names().isEmpty()) {
        peers.forEach(peer -> accept(guard, peer, ports.numbers()));
      }
      for (String name : ports.names()) {
        lowerNamed(rule, guard, peers, ports.protocol().orElseThrow(), name);
      }
    }
  }

  /** The destination pod must have the port: the subject for ingress, the peer for egress. */
  private void lowerNamed(
      PolicyRule rule,
      List<NftStatement> guard,
      List<Condition> peers,
      Protocol protocol,
      String name) {
    for (IpFamily family : IpFamily.values()) {
      switch (direction) {
        case INGRESS -> {
          Condition held = held(policy.subject(), List.of(), protocol, name, family);
          peers.forEach(peer -> accept(guard, peer, held));
        }
        case EGRESS -> {
          if (rule.peers().stream().anyMatch(Peer.Anyone.class::isInstance)) {
            accept(guard, held(EVERY_POD, List.of(), protocol, name, family), Condition.NONE);
          }
          for (Peer peer : rule.peers()) {
            if (peer instanceof Peer.Pods(PodQuery query)) {
              accept(guard, held(query, List.of(), protocol, name, family), Condition.NONE);
            }
          }
          List<Cidr> blocks = blocks(rule, family);
          if (!blocks.isEmpty()) {
            accept(guard, held(EVERY_POD, blocks, protocol, name, family), Condition.NONE);
          }
        }
      }
    }
  }

  private Condition held(
      PodQuery query, List<Cidr> within, Protocol protocol, String name, IpFamily family) {
    SetSpec set = use(new SetSpec.NamedPorts(query, within, protocol, name, family));
    return new Condition(
        Optional.of(family),
        List.of(
            NftStatement.lookup(
                set.set().name(), Skeleton.destination(family), CtField.REPLY_PROTO_SRC)));
  }

  private void accept(List<NftStatement> guard, Condition peer, Condition ports) {
    if (peer.family().isPresent()
        && ports.family().isPresent()
        && !peer.family().equals(ports.family())) {
      return;
    }
    List<NftStatement> statements = new ArrayList<>(guard);
    statements.addAll(peer.statements());
    statements.addAll(ports.statements());
    statements.add(NftStatement.accept());
    rules.add(new NftRule(statements, Optional.empty()));
  }

  private List<Condition> peers(PolicyRule rule) {
    List<Condition> conditions = new ArrayList<>();
    for (Peer peer : rule.peers()) {
      switch (peer) {
        case Peer.Anyone _ -> {
          return List.of(Condition.NONE);
        }
        case Peer.Pods(PodQuery query) -> {
          for (IpFamily family : IpFamily.values()) {
            SetSpec set = use(new SetSpec.Addresses(query, family));
            conditions.add(
                new Condition(
                    Optional.of(family),
                    List.of(NftStatement.lookup(set.set().name(), peerAddress(family)))));
          }
        }
        case Peer.Block _ -> {}
      }
    }
    for (IpFamily family : IpFamily.values()) {
      List<Cidr> blocks = blocks(rule, family);
      if (!blocks.isEmpty()) {
        conditions.add(new Condition(Optional.of(family), List.of(inBlocks(family, blocks))));
      }
    }
    return conditions;
  }

  /** All blocks of a rule, their exceptions taken out of each by itself. */
  private static List<Cidr> blocks(PolicyRule rule, IpFamily family) {
    List<Cidr> blocks = new ArrayList<>();
    for (Peer peer : rule.peers()) {
      if (peer instanceof Peer.Block(Cidr cidr, List<Cidr> except) && cidr.family() == family) {
        blocks.addAll(cidr.minus(except.stream().filter(e -> e.family() == family).toList()));
      }
    }
    return Cidr.merge(blocks);
  }

  private NftStatement inBlocks(IpFamily family, List<Cidr> blocks) {
    NftSelector address = peerAddress(family);
    if (blocks.size() > 1) {
      return NftStatement.lookup(use(new SetSpec.Networks(blocks)).set().name(), address);
    }
    Cidr block = blocks.getFirst();
    if (block.prefixLength() == 0) {
      // NFPROTO_IPV4 and NFPROTO_IPV6 of linux/netfilter.h.
      return NftStatement.equal(
          MetaField.NFPROTO, NftValue.number(NftType.NFPROTO, family == IpFamily.IPV4 ? 2 : 10));
    }
    NftValue network = Skeleton.value(block.network());
    return block.isSingleAddress()
        ? NftStatement.equal(address, network)
        : new NftStatement.InPrefix(address, network, block.prefixLength(), false);
  }

  private NftSelector peerAddress(IpFamily family) {
    return switch (direction) {
      case EGRESS -> Skeleton.destination(family);
      case INGRESS -> Skeleton.source(family);
    };
  }

  /** The ports of a rule by protocol: numbers merged, names apart. */
  private List<Ports> ports(PolicyRule rule) {
    TreeMap<Protocol, List<PortMatch.Range>> ranges = new TreeMap<>();
    List<Ports> result = new ArrayList<>();
    for (PortMatch port : rule.ports()) {
      switch (port) {
        case PortMatch.Any _ -> {
          return List.of(new Ports(Optional.empty(), Condition.NONE, List.of()));
        }
        case PortMatch.Whole(Protocol protocol) ->
            result.add(new Ports(Optional.of(protocol), Condition.NONE, List.of()));
        case PortMatch.Range range ->
            ranges.computeIfAbsent(range.protocol(), _ -> new ArrayList<>()).add(range);
        case PortMatch.Named(Protocol protocol, String name) ->
            result.add(new Ports(Optional.of(protocol), Condition.NONE, List.of(name)));
      }
    }
    ranges.forEach((protocol, some) ->
        result.add(new Ports(Optional.of(protocol), inRanges(some), List.of())));
    return result;
  }

  private Condition inRanges(List<PortMatch.Range> ranges) {
    List<PortMatch.Range> merged = PortRanges.merge(ranges);
    PortMatch.Range first = merged.getFirst();
    NftStatement statement;
    if (merged.size() > 1) {
      statement =
          NftStatement.lookup(use(new SetSpec.Ports(merged)).set().name(), CtField.REPLY_PROTO_SRC);
    } else if (first.from() == first.to()) {
      statement = NftStatement.equal(CtField.REPLY_PROTO_SRC, NftValue.port(first.from()));
    } else {
      statement =
          new NftStatement.InRange(
              CtField.REPLY_PROTO_SRC,
              new NftInterval(NftValue.port(first.from()), NftValue.port(first.to())),
              false);
    }
    return new Condition(Optional.empty(), List.of(statement));
  }

  private SetSpec use(SetSpec set) {
    sets.add(set);
    return set;
  }
}
