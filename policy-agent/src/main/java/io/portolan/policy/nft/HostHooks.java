package io.portolan.policy.nft;

import static io.portolan.linux.nft.NftStatement.accept;
import static io.portolan.linux.nft.NftStatement.ctState;
import static io.portolan.linux.nft.NftStatement.equal;
import static io.portolan.linux.nft.NftStatement.jump;
import static io.portolan.linux.nft.NftStatement.lookup;
import static io.portolan.linux.nft.NftStatement.notEqual;
import static io.portolan.linux.nft.NftStatement.verdict;

import io.portolan.linux.nft.CtField;
import io.portolan.linux.nft.CtState;
import io.portolan.linux.nft.FibField;
import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftHook;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.NftVerdict;
import io.portolan.linux.nft.PayloadField;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The base chains by which packets get to the chains of host endpoints. They are there only while
 * the node has a host endpoint, so that others pay nothing for them.
 *
 * <pre>
 *  host_raw_in, host_raw_out     prerouting, output (raw)   packets, before connection tracking
 *  host_pre_dnat                 prerouting (mangle)        connections as they are addressed
 *  host_input, host_output       input, output              connections with the node itself
 *  host_output_translated        postrouting (mangle)       of these, whom destination NAT sent on
 *  host_forward_in, …_out        forward                    connections that the node forwards
 *  host_passed_…                 input, postrouting         what passed is stamped
 * </pre>
 *
 * <p>Which chain an interface's packets go to is said by rules, not by elements: a packet that is
 * under way when a transaction comes into force stays with the rules it began with.
 *
 * <p>Only what goes in the direction a connection was opened in is judged; replies pass, whatever
 * interface they take. What a policy denies later on is thereby cut all the same.
 */
public final class HostHooks {
  /** Behind destination NAT the way out is known only here. */
  static final String OUTPUT_TRANSLATED = "host_output_translated";

  private static final String PASSED_INPUT = "host_passed_input";
  private static final String PASSED_OUTPUT = "host_passed_output";

  /** IPS_DST_NAT of {@code nf_conntrack_common.h}. */
  private static final NftValue TRANSLATED = NftValue.number(NftType.CT_STATUS, 0x20);

  /** RTN_LOCAL of {@code linux/rtnetlink.h}. */
  private static final NftValue LOCAL = NftValue.number(NftType.FIB_ADDRTYPE, 2);

  /** All there may be. */
  private static final Set<String> CHAINS =
      Stream.concat(
              Stream.of(OUTPUT_TRANSLATED, PASSED_INPUT, PASSED_OUTPUT),
              Stream.of(HostPath.values()).map(HostPath::chain))
          .collect(Collectors.toUnmodifiableSet());

  private HostHooks() {}

  /** Whether a base chain is one of these. */
  static boolean isOne(String chain) {
    return CHAINS.contains(chain);
  }

  /**
   * Where the packets of each interface go on a path.
   *
   * @param named chain by interface; empty for an interface that has nothing to ask there
   * @param any chain of all other interfaces
   */
  public record Dispatch(SortedMap<String, Optional<String>> named, Optional<String> any) {
    /** Whether no packet goes anywhere. */
    public boolean isIdle() {
      return any.isEmpty() && named.values().stream().allMatch(Optional::isEmpty);
    }
  }

  /** Puts the base chains for these paths in place of those that are there; none for none. */
  public static void write(DesiredTable table, Map<HostPath, Dispatch> paths) {
    Set<String> wanted = new HashSet<>();
    if (!paths.isEmpty()) {
      put(table, wanted, passed(PASSED_INPUT, NftHook.INPUT, 2));
      put(table, wanted, passed(PASSED_OUTPUT, NftHook.POSTROUTING, -149));
    }
    paths.forEach((path, dispatch) -> {
      put(table, wanted, chain(path, path.chain(), path.hook(), path.priority(), dispatch));
      if (path == HostPath.OUTPUT) {
        put(table, wanted, chain(path, OUTPUT_TRANSLATED, NftHook.POSTROUTING, -150, dispatch));
      }
    });
    CHAINS.stream()
        .filter(name -> !wanted.contains(name) && table.hasChain(name))
        .forEach(table::removeChain);
  }

  private static void put(DesiredTable table, Set<String> wanted, TableImage.ChainImage image) {
    wanted.add(image.chain().name());
    table.putChain(image.chain(), image.rules());
  }

  private static TableImage.ChainImage passed(String name, NftHook hook, int priority) {
    return new TableImage.ChainImage(
        hook(name, hook, priority),
        List.of(NftRule.of(Generation.opening(), jump(Generation.STAMP))));
  }

  private static TableImage.ChainImage chain(
      HostPath path, String name, NftHook hook, int priority, Dispatch dispatch) {
    boolean translated = name.equals(OUTPUT_TRANSLATED);
    List<NftRule> rules = new ArrayList<>();
    if (!path.isRaw()) {
      rules.add(NftRule.of(lookup(Generation.CURRENT.name(), CtField.MARK), accept()));
      rules.add(NftRule.of(equal(CtField.DIRECTION, NftValue.number(NftType.CT_DIR, 1)), accept()));
      for (int icmp : new int[] {1, 58}) {
        rules.add(
            NftRule.of(
                ctState(CtState.RELATED),
                equal(MetaField.L4PROTO, NftValue.protocol(icmp)),
                accept()));
      }
    }
    if (path == HostPath.PRE_DNAT) {
      // Nothing translates these; the next chains judge them.
      rules.add(NftRule.of(ctState(CtState.UNTRACKED), accept()));
    }
    if (translated) {
      rules.add(NftRule.of(new NftStatement.AnyBit(CtField.STATUS, TRANSLATED, true), accept()));
      // What is forwarded has another source.
      rules.add(NftRule.of(notEqual(FibField.SADDR_TYPE, LOCAL), accept()));
    } else if (path == HostPath.OUTPUT) {
      rules.add(NftRule.of(new NftStatement.AnyBit(CtField.STATUS, TRANSLATED, false), accept()));
    }
    if (!path.isForward()) {
      rules.add(
          NftRule.of(lookup(Skeleton.LINK_UPKEEP.name(), PayloadField.ICMPV6_TYPE), accept()));
    }
    if (path == HostPath.INPUT || path == HostPath.OUTPUT) {
      // Between the node and its pods nothing is asked of host endpoints.
      rules.add(NftRule.of(lookup(Skeleton.PODS.name(), path.link()), accept()));
    }
    dispatch
        .named()
        .forEach((link, chain) ->
            rules.add(NftRule.of(equal(path.link(), NftValue.ifname(link)), target(chain))));
    dispatch
        .any()
        .ifPresent(chain -> {
          // What goes from the node to itself neither enters nor leaves it.
          rules.add(NftRule.of(equal(path.link(), NftValue.ifname("lo")), accept()));
          rules.add(NftRule.of(target(Optional.of(chain))));
        });
    return new TableImage.ChainImage(hook(name, hook, priority), rules);
  }

  private static NftStatement target(Optional<String> chain) {
    return chain.map(name -> verdict(NftVerdict.goTo(name))).orElseGet(NftStatement::accept);
  }

  private static NftChain hook(String name, NftHook hook, int priority) {
    return NftChain.base(name, NftChain.Type.FILTER, hook, priority, NftChain.Policy.ACCEPT);
  }
}
