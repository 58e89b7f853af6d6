package io.portolan.linux.nft;

import java.util.Locale;
import java.util.Optional;

/**
 * A chain of rules: a base chain when it hangs on a hook, else one that is jumped to.
 *
 * @param base where and when packets enter by themselves; empty for a regular chain
 * @param comment shown by {@code nft list}
 */
public record NftChain(String name, Optional<Base> base, Optional<String> comment) {
  public NftChain {
    NftName.check("chain", name);
    NftName.checkComment(comment);
  }

  public static NftChain regular(String name) {
    return new NftChain(name, Optional.empty(), Optional.empty());
  }

  public static NftChain base(String name, Type type, NftHook hook, int priority, Policy policy) {
    return new NftChain(
        name, Optional.of(new Base(type, hook, priority, policy)), Optional.empty());
  }

  public NftChain comment(String text) {
    return new NftChain(name, base, Optional.of(text));
  }

  /**
   * @param priority lower runs earlier; conntrack is at -200, {@code filter} at 0, source NAT at
   *     100 (NF_IP_PRI_* in {@code linux/netfilter_ipv4.h})
   * @param policy what happens to a packet that reaches the end of the chain
   */
  public record Base(Type type, NftHook hook, int priority, Policy policy) {
    public Base {
      if (type == Type.NAT && hook == NftHook.FORWARD) {
        throw new IllegalArgumentException("a nat chain cannot hang on the forward hook");
      }
      if (type == Type.NAT && priority <= -200) {
        throw new IllegalArgumentException(
            "a nat chain runs after conntrack: priority " + priority + " must exceed -200");
      }
      if (type == Type.ROUTE && hook != NftHook.OUTPUT) {
        throw new IllegalArgumentException("a route chain hangs on the output hook only");
      }
    }
  }

  /** What the chain is for; the kernel prepares the packet differently for each. */
  public enum Type {
    FILTER,
    NAT,
    ROUTE;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** NF_DROP and NF_ACCEPT of {@code linux/netfilter.h}. */
  public enum Policy {
    DROP,
    ACCEPT;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
