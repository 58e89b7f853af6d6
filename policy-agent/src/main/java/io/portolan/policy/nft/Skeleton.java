package io.portolan.policy.nft;

import static io.portolan.linux.nft.NftStatement.accept;
import static io.portolan.linux.nft.NftStatement.counter;
import static io.portolan.linux.nft.NftStatement.ctState;
import static io.portolan.linux.nft.NftStatement.drop;
import static io.portolan.linux.nft.NftStatement.equal;
import static io.portolan.linux.nft.NftStatement.jump;
import static io.portolan.linux.nft.NftStatement.lookup;
import static io.portolan.linux.nft.NftStatement.verdict;
import static io.portolan.linux.nft.NftStatement.verdictMap;

import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.linux.nft.CtField;
import io.portolan.linux.nft.CtState;
import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.NftHook;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSelector;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.NftVerdict;
import io.portolan.linux.nft.PayloadField;
import io.portolan.policy.model.Direction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The part of the table that never changes. Everything else hangs from the elements of its maps.
 *
 * <pre>
 *  prerouting (raw)   iifname @pods → spoofing: iifname . saddr must be @source4/6, else drop
 *  input, output      iifname . saddr / oifname . daddr @isolated4/6 → isolated_node: drop, but for
 *                     neighbour discovery; what the node opens to its pods is exempt
 *  input, output      connections of pods to the node: ct original saddr → vmap @to_node4/6
 *                     → class chain; in @policed_to_node4/6 → undecided_to_node: drop
 *  forward (filter)   ct original saddr → vmap @egress4/6  → class chain: accept or drop,
 *                                         in @policed_egress4/6 → undecided_egress: drop
 *  forward (filter+1) ct reply saddr    → vmap @ingress4/6 → class chain: accept or drop,
 *                                         in @policed_ingress4/6 → undecided_ingress: drop
 *  forward (filter+2) of what passed, pods' connections are stamped: see {@link Generation}
 * </pre>
 *
 * <p>Both forward chains judge the connection a packet belongs to, not its header: the original
 * source and, behind any NAT, the real destination, for packets of either direction. A verdict of
 * {@code accept} ends its own chain only, so a connection passes if both ends accept it. Packets of
 * either direction judge it alike and at any time: there is no established flow that a newer policy
 * does not reach.
 *
 * <p>Packets without a connection (invalid or untracked) are looked up by their header; in a class
 * chain nothing about the connection matches then, so they pass only where everything passes.
 */
public final class Skeleton {
  /** Changes whenever an older agent's table could not be taken over element by element. */
  public static final String VERSION = "portolan policy 3";

  public static final NftTable TABLE = NftTable.of(NftFamily.INET, "portolan").comment(VERSION);

  /** Interfaces whose packets must carry a source address of their own. */
  public static final NftSet PODS = NftSet.of("pods", NftType.IFNAME);

  /** Where a class chain goes when no rule matched: what no policy denies by saying nothing. */
  public static final String SPARED = "spared";

  /** Where a class chain with denying rules begins: what not even such a rule denies. */
  public static final String UNJUDGED = "unjudged";

  /** Pods that are not admitted yet, with others; the last rule drops. */
  public static final String ISOLATED = "isolated";

  /** The same with the node. */
  public static final String ISOLATED_NODE = "isolated_node";

  /** Sources that do not belong to the interface; the last rule drops. */
  public static final String SPOOFING = "spoofing";

  /** Where what a class left undecided is dropped ({@link #policed}); the last rule drops. */
  public static final String UNDECIDED_EGRESS = "undecided_egress";

  public static final String UNDECIDED_INGRESS = "undecided_ingress";
  public static final String UNDECIDED_TO_NODE = "undecided_to_node";
  public static final List<String> UNDECIDED =
      List.of(UNDECIDED_EGRESS, UNDECIDED_INGRESS, UNDECIDED_TO_NODE);

  /** ICMPv6 by which a link works at all: multicast listeners, routers, neighbours. */
  static final NftSet LINK_UPKEEP =
      NftSet.of("link_upkeep", NftType.ICMPV6_TYPE).comment("neighbour discovery and the like");

  /** Where what pods open to their node is judged. */
  public static final String TO_OWN_NODE = "to_node";

  private static final int[] UPKEEP_TYPES = {130, 131, 132, 133, 134, 135, 136, 137, 143};

  /** Whether the link would not work without it, so that no policy of the node denies it. */
  public static boolean isLinkUpkeep(Flow flow) {
    return !flow.source().isIpv4()
        && flow.isIcmp()
        && IntStream.of(UPKEEP_TYPES).anyMatch(type -> type == flow.port() >> 8);
  }

  private static final NftValue ICMP = NftValue.protocol(1);
  private static final NftValue ICMPV6 = NftValue.protocol(58);

  private Skeleton() {}

  /** Address of a local pod to the chain that judges what it sends or receives. */
  public static NftSet classes(Direction direction, IpFamily family) {
    return NftSet.verdictMap(direction.text() + suffix(family), address(family));
  }

  /**
   * Addresses of the pods in {@link #classes}: what their chain did not decide is denied.
   *
   * <p>A transaction comes into force in two steps that a packet can come between: it walks the
   * chains of the generation it began with, but looks elements up in the present one. An element
   * that leads to a chain of the same transaction leads such a packet into an empty chain, and one
   * that is being replaced may be missed. Both end at this set, which such transactions leave as it
   * is.
   */
  public static NftSet policed(Direction direction, IpFamily family) {
    return NftSet.of("policed_" + direction.text() + suffix(family), address(family));
  }

  /**
   * Address of a local pod to the chain that judges what it opens to its own node; of those only
   * whom some policy judges there.
   */
  public static NftSet toOwnNode(IpFamily family) {
    return NftSet.verdictMap("to_node" + suffix(family), address(family));
  }

  /** Addresses of the pods in {@link #toOwnNode}, as {@link #policed}. */
  public static NftSet policedToOwnNode(IpFamily family) {
    return NftSet.of("policed_to_node" + suffix(family), address(family));
  }

  /** Interface and address that belong together. */
  public static NftSet sources(IpFamily family) {
    return NftSet.of("source" + suffix(family), NftType.IFNAME, address(family));
  }

  /** Interface and address of pods that are not admitted yet. */
  public static NftSet isolated(IpFamily family) {
    return NftSet.of(ISOLATED + suffix(family), NftType.IFNAME, address(family));
  }

  /** A local pod's address twice: a connection of a pod with itself. */
  public static NftSet itself(IpFamily family) {
    return NftSet.of("itself" + suffix(family), address(family), address(family));
  }

  /** Denies everything. */
  public static NftVerdict isolation() {
    return NftVerdict.jump(ISOLATED);
  }

  /** The source of a packet's connection. */
  public static NftSelector source(IpFamily family) {
    return family == IpFamily.IPV4 ? CtField.ORIGINAL_IP_SADDR : CtField.ORIGINAL_IP6_SADDR;
  }

  /** The destination of a packet's connection, behind any destination NAT. */
  public static NftSelector destination(IpFamily family) {
    return family == IpFamily.IPV4 ? CtField.REPLY_IP_SADDR : CtField.REPLY_IP6_SADDR;
  }

  public static NftType address(IpFamily family) {
    return family == IpFamily.IPV4 ? NftType.IPV4_ADDR : NftType.IPV6_ADDR;
  }

  public static NftValue value(IpAddress address) {
    return address.isIpv4()
        ? NftValue.ipv4((int) address.low())
        : NftValue.ipv6(address.high(), address.low());
  }

  public static String suffix(IpFamily family) {
    return family == IpFamily.IPV4 ? "4" : "6";
  }

  /** What {@link #LINK_UPKEEP} holds. */
  static List<NftElement> upkeepElements() {
    return Arrays.stream(UPKEEP_TYPES)
        .mapToObj(type -> NftElement.of(NftValue.number(NftType.ICMPV6_TYPE, type)))
        .toList();
  }

  /** Puts the skeleton into an empty table. */
  public static void build(DesiredTable table) {
    table.putSet(PODS);
    table.putSet(Generation.CURRENT);
    table.putSet(LINK_UPKEEP);
    upkeepElements().forEach(element -> table.putElement(LINK_UPKEEP.name(), element));
    for (IpFamily family : IpFamily.values()) {
      table.putSet(sources(family));
      table.putSet(isolated(family));
      table.putSet(itself(family));
      table.putSet(classes(Direction.EGRESS, family));
      table.putSet(classes(Direction.INGRESS, family));
      table.putSet(policed(Direction.EGRESS, family));
      table.putSet(policed(Direction.INGRESS, family));
      table.putSet(toOwnNode(family));
      table.putSet(policedToOwnNode(family));
    }
    table.putChain(
        NftChain.regular(ISOLATED).comment("pods that are not admitted yet"),
        rules(rule(counter(), drop())));
    table.putChain(
        NftChain.regular(ISOLATED_NODE),
        rules(
            rule(
                equal(PayloadField.ICMPV6_TYPE, NftValue.number(NftType.ICMPV6_TYPE, 135)),
                accept()),
            rule(
                equal(PayloadField.ICMPV6_TYPE, NftValue.number(NftType.ICMPV6_TYPE, 136)),
                accept()),
            rule(counter(), drop())));
    table.putChain(
        NftChain.regular(SPARED).comment("a pod with itself, errors of a known connection"),
        rules(
            rule(lookup("itself4", source(IpFamily.IPV4), destination(IpFamily.IPV4)), accept()),
            rule(lookup("itself6", source(IpFamily.IPV6), destination(IpFamily.IPV6)), accept()),
            rule(ctState(CtState.RELATED), equal(MetaField.L4PROTO, ICMP), accept()),
            rule(ctState(CtState.RELATED), equal(MetaField.L4PROTO, ICMPV6), accept())));
    // Unlike above, a pod that reaches itself by a service's address is judged by such rules.
    table.putChain(
        NftChain.regular(UNJUDGED)
            .comment("a pod to its own address, errors of a known connection"),
        rules(
            rule(lookup("itself4", source(IpFamily.IPV4), CtField.ORIGINAL_IP_DADDR), accept()),
            rule(lookup("itself6", source(IpFamily.IPV6), CtField.ORIGINAL_IP6_DADDR), accept()),
            rule(ctState(CtState.RELATED), equal(MetaField.L4PROTO, ICMP), accept()),
            rule(ctState(CtState.RELATED), equal(MetaField.L4PROTO, ICMPV6), accept())));
    UNDECIDED.forEach(name ->
        table.putChain(
            NftChain.regular(name).comment("met a change of class half-way"),
            rules(rule(counter(), drop()))));
    Generation.OFF.write(table);
    buildSpoofing(table);
    buildHooks(table);
  }

  private static void buildSpoofing(DesiredTable table) {
    table.putChain(
        NftChain.regular(SPOOFING).comment("sources that do not belong to the interface"),
        spoofing());
    table.putChain(
        hook("prerouting", NftHook.PREROUTING, -300),
        rules(rule(lookup(PODS.name(), MetaField.IIFNAME), jump(SPOOFING))));
  }

  /** Drops what does not come from an address in {@link #sources} of the interface it comes by. */
  static List<NftRule> spoofing() {
    return rules(
        rule(
            lookup("source4", MetaField.IIFNAME, PayloadField.IP_SADDR),
            verdict(NftVerdict.RETURN)),
        rule(
            lookup("source6", MetaField.IIFNAME, PayloadField.IP6_SADDR),
            verdict(NftVerdict.RETURN)),
        // Link-local sources never leave the link, and duplicate address detection has none.
        rule(
            new NftStatement.InPrefix(
                PayloadField.IP6_SADDR, NftValue.address("fe80::"), 10, false),
            verdict(NftVerdict.RETURN)),
        rule(
            equal(PayloadField.IP6_SADDR, NftValue.address("::")),
            equal(PayloadField.ICMPV6_TYPE, NftValue.number(NftType.ICMPV6_TYPE, 135)),
            verdict(NftVerdict.RETURN)),
        rule(counter(), drop()));
  }

  private static void buildHooks(DesiredTable table) {
    table.putChain(
        hook("input", NftHook.INPUT, 0),
        rules(
            rule(
                lookup("isolated4", MetaField.IIFNAME, PayloadField.IP_SADDR), jump(ISOLATED_NODE)),
            rule(
                lookup("isolated6", MetaField.IIFNAME, PayloadField.IP6_SADDR),
                jump(ISOLATED_NODE))));
    table.putChain(
        hook("output", NftHook.OUTPUT, 0),
        rules(
            rule(
                lookup("isolated4", MetaField.OIFNAME, PayloadField.IP_DADDR), jump(ISOLATED_NODE)),
            rule(
                lookup("isolated6", MetaField.OIFNAME, PayloadField.IP6_DADDR),
                jump(ISOLATED_NODE))));
    table.putChain(hook(TO_OWN_NODE, NftHook.INPUT, 1), toOwnNode());
    // Replies, until the connection's own packets are dropped.
    table.putChain(hook("to_node_replies", NftHook.OUTPUT, 1), toOwnNode());
    table.putChain(
        hook("to_node_passed", NftHook.INPUT, 2),
        rules(
            rule(
                Generation.opening(),
                lookup(PODS.name(), MetaField.IIFNAME),
                jump(Generation.STAMP))));
    table.putChain(
        hook("forward_egress", NftHook.FORWARD, 0),
        forward(Direction.EGRESS, PayloadField.IP_SADDR, PayloadField.IP6_SADDR));
    table.putChain(
        hook("forward_ingress", NftHook.FORWARD, 1),
        forward(Direction.INGRESS, PayloadField.IP_DADDR, PayloadField.IP6_DADDR));
    table.putChain(
        hook("forward_passed", NftHook.FORWARD, 2),
        rules(
            rule(
                Generation.opening(),
                lookup(PODS.name(), MetaField.IIFNAME),
                jump(Generation.STAMP)),
            rule(
                Generation.opening(),
                lookup(PODS.name(), MetaField.OIFNAME),
                jump(Generation.STAMP))));
  }

  private static List<NftRule> toOwnNode() {
    List<NftRule> rules = new ArrayList<>();
    rules.add(rule(lookup(Generation.CURRENT.name(), CtField.MARK), accept()));
    rules.add(rule(lookup(LINK_UPKEEP.name(), PayloadField.ICMPV6_TYPE), accept()));
    for (IpFamily family : IpFamily.values()) {
      rules.add(rule(verdictMap(toOwnNode(family).name(), source(family))));
      rules.add(
          rule(lookup(policedToOwnNode(family).name(), source(family)), goTo(UNDECIDED_TO_NODE)));
    }
    NftStatement unknown = ctState(CtState.INVALID, CtState.UNTRACKED);
    for (IpFamily family : IpFamily.values()) {
      PayloadField header =
          family == IpFamily.IPV4 ? PayloadField.IP_SADDR : PayloadField.IP6_SADDR;
      rules.add(rule(unknown, verdictMap(toOwnNode(family).name(), header)));
      rules.add(
          rule(unknown, lookup(policedToOwnNode(family).name(), header), goTo(UNDECIDED_TO_NODE)));
    }
    return rules;
  }

  private static List<NftRule> forward(
      Direction direction, PayloadField header4, PayloadField header6) {
    boolean egress = direction == Direction.EGRESS;
    String map4 = classes(direction, IpFamily.IPV4).name();
    String map6 = classes(direction, IpFamily.IPV6).name();
    String policed4 = policed(direction, IpFamily.IPV4).name();
    String policed6 = policed(direction, IpFamily.IPV6).name();
    NftSelector end4 = egress ? source(IpFamily.IPV4) : destination(IpFamily.IPV4);
    NftSelector end6 = egress ? source(IpFamily.IPV6) : destination(IpFamily.IPV6);
    NftStatement unknown = ctState(CtState.INVALID, CtState.UNTRACKED);
    NftStatement upkeep = lookup(LINK_UPKEEP.name(), PayloadField.ICMPV6_TYPE);
    NftStatement undecided = goTo(egress ? UNDECIDED_EGRESS : UNDECIDED_INGRESS);
    return rules(
        rule(lookup(Generation.CURRENT.name(), CtField.MARK), accept()),
        // Of bridges with br_netfilter only: what was routed has one hop less and is to one host.
        rule(
            upkeep,
            equal(PayloadField.IP6_HOPLIMIT, NftValue.number(NftType.INTEGER, 255)),
            accept()),
        rule(
            upkeep,
            new NftStatement.InPrefix(
                PayloadField.IP6_DADDR, NftValue.address("ff02::"), 16, false),
            accept()),
        rule(verdictMap(map4, end4)),
        rule(verdictMap(map6, end6)),
        rule(lookup(policed4, end4), undecided),
        rule(lookup(policed6, end6), undecided),
        rule(unknown, verdictMap(map4, header4)),
        rule(unknown, verdictMap(map6, header6)),
        rule(unknown, lookup(policed4, header4), undecided),
        rule(unknown, lookup(policed6, header6), undecided));
  }

  private static NftChain hook(String name, NftHook hook, int priority) {
    return NftChain.base(name, NftChain.Type.FILTER, hook, priority, NftChain.Policy.ACCEPT);
  }

  private static NftStatement goTo(String chain) {
    return verdict(NftVerdict.goTo(chain));
  }

  private static NftRule rule(NftStatement... statements) {
    return NftRule.of(statements);
  }

  private static List<NftRule> rules(NftRule... rules) {
    return List.of(rules);
  }
}
