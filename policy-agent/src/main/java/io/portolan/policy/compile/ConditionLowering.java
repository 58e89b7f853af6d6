package io.portolan.policy.compile;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpFamily;
import io.portolan.common.select.PodQuery;
import io.portolan.common.select.Selector;
import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftSelector;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftValue;
import io.portolan.policy.model.Condition;
import io.portolan.policy.model.DomainPattern;
import io.portolan.policy.model.End;
import io.portolan.policy.model.Match;
import io.portolan.policy.model.Protocol;
import io.portolan.policy.model.ServiceName;
import io.portolan.policy.nft.Skeleton;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A condition as alternatives of kernel statements. What one lookup can answer is merged: all
 * blocks of an end into one interval set, all ports of a protocol into one set.
 *
 * <p>A negated condition is the conjunction of its parts' negations. A part that looks at an
 * address or a port says nothing about packets of the other family or protocol, so its negation has
 * an alternative for those.
 */
final class ConditionLowering {
  private final SequencedSet<SetSpec> sets;
  private final Function<End, PodQuery> named;
  private final EndFields fields;

  /**
   * @param sets takes every set that is used
   * @param named endpoints among which the named ports of an end are looked up
   * @param fields where the ends are read
   */
  ConditionLowering(SequencedSet<SetSpec> sets, Function<End, PodQuery> named, EndFields fields) {
    this.sets = sets;
    this.named = named;
    this.fields = fields;
  }

  List<Alternative> lower(Condition condition) {
    if (!condition.negated()) {
      return condition.any().stream().anyMatch(Match.Anything.class::isInstance)
          ? List.of(Alternative.ALWAYS)
          : parts(condition.any(), false).stream().flatMap(List::stream).toList();
    }
    List<Alternative> all = List.of(Alternative.ALWAYS);
    for (List<Alternative> part : parts(condition.any(), true)) {
      all = product(all, part);
    }
    return all;
  }

  /** Every pair that does not exclude itself. */
  static List<Alternative> product(List<Alternative> left, List<Alternative> right) {
    SequencedSet<Alternative> pairs = new LinkedHashSet<>();
    for (Alternative one : left) {
      for (Alternative other : right) {
        one.and(other).ifPresent(pairs::add);
      }
    }
    return List.copyOf(pairs);
  }

  /** Each part with the alternatives that meet it, or its negation. */
  private List<List<Alternative>> parts(List<Match> any, boolean negated) {
    List<List<Alternative>> parts = new ArrayList<>();
    Map<End, List<Match.Block>> blocks = new EnumMap<>(End.class);
    TreeMap<Protocol, Map<End, List<Match.Port>>> ports = new TreeMap<>();
    for (Match match : any) {
      switch (match) {
        case Match.Anything _ -> parts.add(negated ? List.of() : List.of(Alternative.ALWAYS));
        case Match.Family(IpFamily family) ->
            parts.add(List.of(Alternative.of(negated ? other(family) : family)));
        case Match.Selected(End end, PodQuery query) ->
            parts.add(addresses(end, family -> new SetSpec.Addresses(query, family), negated));
        case Match.Nodes(End end, Selector labels) ->
            parts.add(addresses(end, family -> new SetSpec.Nodes(labels, family), negated));
        case Match.Domains(End end, List<DomainPattern> names) ->
            parts.add(addresses(end, family -> new SetSpec.Domains(names, family), negated));
        case Match.Service(End end, ServiceName service) ->
            parts.add(
                byFamily(family ->
                    List.of(Alternative.of(family, endpoint(end, service, family, negated)))));
        case Match.Block block ->
            blocks.computeIfAbsent(block.end(), _ -> new ArrayList<>()).add(block);
        case Match.Whole(Protocol protocol) ->
            parts.add(List.of(negated ? Alternative.not(protocol) : Alternative.of(protocol)));
        case Match.Port port ->
            ports
                .computeIfAbsent(port.protocol(), _ -> new EnumMap<>(End.class))
                .computeIfAbsent(port.end(), _ -> new ArrayList<>())
                .add(port);
        case Match.NamedPort port -> parts.add(namedPort(port, negated));
        case Match.Icmp icmp -> parts.add(icmp(icmp, negated));
      }
    }
    blocks.forEach(
        (end, some) -> parts.add(byFamily(family -> inBlocks(end, some, family, negated))));
    ports.forEach((protocol, byEnd) ->
        byEnd.forEach(
            (end, some) -> parts.add(ofProtocol(protocol, inRanges(end, some, negated), negated))));
    return parts;
  }

  private static List<Alternative> byFamily(Function<IpFamily, List<Alternative>> test) {
    return Stream.of(IpFamily.values()).flatMap(family -> test.apply(family).stream()).toList();
  }

  /** An end in a set of addresses that each family has its own of. */
  private List<Alternative> addresses(End end, Function<IpFamily, SetSpec> set, boolean negated) {
    return byFamily(family ->
        List.of(
            Alternative.of(
                family, lookup(set.apply(family), negated, fields.address(end, family)))));
  }

  private NftStatement endpoint(End end, ServiceName service, IpFamily family, boolean negated) {
    return switch (end) {
      case SOURCE ->
          lookup(
              new SetSpec.Endpoints(service, false, family), negated, fields.address(end, family));
      case DESTINATION ->
          lookup(
              new SetSpec.Endpoints(service, true, family),
              negated,
              fields.address(end, family),
              MetaField.L4PROTO,
              fields.port(end));
    };
  }

  private static List<Alternative> ofProtocol(
      Protocol protocol, NftStatement statement, boolean negated) {
    Alternative inside = Alternative.of(protocol, statement);
    return negated ? List.of(Alternative.not(protocol), inside) : List.of(inside);
  }

  /** All blocks of an end in a family, their exceptions taken out of each by itself. */
  private List<Alternative> inBlocks(
      End end, List<Match.Block> some, IpFamily family, boolean negated) {
    List<Cidr> ranges = new ArrayList<>();
    for (Match.Block block : some) {
      if (block.cidr().family() == family) {
        ranges.addAll(
            block.cidr().minus(block.except().stream().filter(e -> e.family() == family).toList()));
      }
    }
    List<Cidr> merged = Cidr.merge(ranges);
    boolean everything = merged.size() == 1 && merged.getFirst().prefixLength() == 0;
    if (merged.isEmpty() || everything) {
      return everything == negated ? List.of() : List.of(Alternative.of(family));
    }
    NftSelector address = fields.address(end, family);
    Cidr block = merged.getFirst();
    NftValue network = Skeleton.value(block.network());
    NftStatement test;
    if (merged.size() > 1) {
      test = lookup(new SetSpec.Networks(merged), negated, address);
    } else if (block.isSingleAddress()) {
      test = new NftStatement.Compare(address, Optional.empty(), network, negated);
    } else {
      test = new NftStatement.InPrefix(address, network, block.prefixLength(), negated);
    }
    return List.of(Alternative.of(family, test));
  }

  private NftStatement inRanges(End end, List<Match.Port> some, boolean negated) {
    List<PortRange> merged =
        PortRange.merge(some.stream().map(p -> new PortRange(p.from(), p.to())).toList());
    NftSelector port = fields.port(end);
    if (merged.size() > 1) {
      return lookup(new SetSpec.Ports(some.getFirst().protocol(), merged), negated, port);
    }
    return merged.getFirst().test(port, negated);
  }

  private List<Alternative> namedPort(Match.NamedPort match, boolean negated) {
    List<Alternative> result = new ArrayList<>();
    if (negated) {
      result.add(Alternative.not(match.protocol()));
    }
    for (IpFamily family : IpFamily.values()) {
      SetSpec set =
          new SetSpec.NamedPorts(named.apply(match.end()), match.protocol(), match.name(), family);
      NftStatement test =
          lookup(set, negated, fields.address(match.end(), family), fields.port(match.end()));
      result.add(Alternative.of(family, test).within(match.protocol()));
    }
    return result;
  }

  private List<Alternative> icmp(Match.Icmp match, boolean negated) {
    Protocol protocol = match.protocol();
    if (match.type().isEmpty()) {
      return List.of(
          negated ? Alternative.not(protocol) : Alternative.of(protocol).within(match.family()));
    }
    List<Alternative> tests =
        fields.icmp(match.family(), match.type().getAsInt(), match.code(), negated).stream()
            .map(test ->
                Alternative.of(protocol, test.toArray(NftStatement[]::new)).within(match.family()))
            .toList();
    if (!negated) {
      return tests;
    }
    List<Alternative> others = new ArrayList<>(List.of(Alternative.not(protocol)));
    others.addAll(tests);
    return others;
  }

  private NftStatement lookup(SetSpec set, boolean negated, NftSelector... key) {
    sets.add(set);
    return new NftStatement.Lookup(List.of(key), set.set().name(), negated);
  }

  private static IpFamily other(IpFamily family) {
    return family == IpFamily.IPV4 ? IpFamily.IPV6 : IpFamily.IPV4;
  }
}
