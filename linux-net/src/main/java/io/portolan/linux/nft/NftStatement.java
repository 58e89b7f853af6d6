package io.portolan.linux.nft;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One step of a rule: a match that may end the rule, or something done to the packet.
 *
 * <p>Everything here can be written in nft's own language and is listed by nft 1.0.6 as it was
 * written; the kernel can do more, but an administrator could not read it.
 */
public sealed interface NftStatement {

  /** {@code ip protocol tcp}, {@code meta mark & 0xff00 != 0x1200}. */
  record Compare(NftSelector selector, Optional<NftValue> mask, NftValue value, boolean negated)
      implements NftStatement {
    public Compare {
      requireType(selector, value.type());
      mask.ifPresent(m -> requireType(selector, m.type()));
      if (mask.isPresent() && value.type().length() > 8) {
        throw new IllegalArgumentException(
            "a mask on " + selector.text() + ": use a prefix for types longer than 8 bytes");
      }
      if (mask.isPresent() && value.type().isBitmask() && value.isZero()) {
        throw new IllegalArgumentException(
            selector.text() + ": to ask for bits that are all unset, negate AnyBit");
      }
    }
  }

  /** {@code ip saddr 10.0.0.0/8}. The interval's length is the prefix. */
  record InPrefix(NftSelector selector, NftValue network, int prefixLength, boolean negated)
      implements NftStatement {
    public InPrefix {
      requireType(selector, network.type());
      if (prefixLength < 1 || prefixLength >= network.bits()) {
        throw new IllegalArgumentException(
            selector.text()
                + " "
                + network
                + "/"
                + prefixLength
                + ": a prefix length is 1 to "
                + (network.bits() - 1)
                + "; leave the match out for 0, compare for a whole address");
      }
      network = network.firstOf(prefixLength);
    }
  }

  /** {@code tcp dport 80-90}. */
  record InRange(NftSelector selector, NftInterval range, boolean negated) implements NftStatement {
    public InRange {
      requireType(selector, range.type());
    }
  }

  /** {@code iifname "cali*"}. */
  record NameStartsWith(MetaField selector, String prefix, boolean negated)
      implements NftStatement {
    public NameStartsWith {
      requireType(selector, NftType.IFNAME);
      NftValue.ifname(prefix);
    }
  }

  /** {@code ct state established,related}: at least one of the bits is set; negated: none. */
  record AnyBit(NftSelector selector, NftValue bits, boolean negated) implements NftStatement {
    public AnyBit {
      requireType(selector, bits.type());
      if (bits.isZero() || !bits.type().isBitmask()) {
        throw new IllegalArgumentException(
            selector.text() + ": name at least one bit of a state, status or flags field");
      }
    }
  }

  /** {@code ip saddr . tcp dport @set}. */
  record Lookup(List<NftSelector> key, String set, boolean negated) implements NftStatement {
    public Lookup {
      key = nonEmpty(key);
      NftName.check("set", set);
    }
  }

  /** {@code ip saddr vmap @map}: without an element the rule goes on behind the lookup. */
  record VerdictMap(List<NftSelector> key, String map) implements NftStatement {
    public VerdictMap {
      key = nonEmpty(key);
      NftName.check("map", map);
    }
  }

  /** Ends the rule. */
  record Verdict(NftVerdict verdict) implements NftStatement {}

  /**
   * Counts packets and bytes in the rule itself. The figures are what is read back; programming a
   * rule starts with them, normally at zero.
   */
  record Counter(long packets, long bytes) implements NftStatement {}

  /** {@code counter name "…"}: counts into a named counter of the table. */
  record CountInto(String counter) implements NftStatement {
    public CountInto {
      NftName.check("counter", counter);
    }
  }

  /**
   * Sends a copy to a NFLOG group.
   *
   * @param group 0 to 65535
   * @param prefix at most 127 bytes (NF_LOG_PREFIXLEN), empty for none
   * @param snapLength bytes of the packet to copy; empty for all
   * @param queueThreshold packets that the kernel collects before it wakes the reader, unless the
   *     reader asked for fewer, 1 to 65535; empty leaves it to the reader
   */
  record Log(int group, String prefix, OptionalInt snapLength, OptionalInt queueThreshold)
      implements NftStatement {
    public Log {
      if (group < 0 || group > 0xffff) {
        throw new IllegalArgumentException("log group " + group + ": 0 to 65535");
      }
      if (prefix.length() > 127 || !prefix.chars().allMatch(NftName::printable)) {
        throw new IllegalArgumentException(
            "log prefix '" + prefix + "': at most 127 printable characters without quotes");
      }
      if (snapLength.isPresent() && snapLength.getAsInt() <= 0) {
        throw new IllegalArgumentException("log snaplen: at least 1 byte");
      }
      int threshold = queueThreshold.orElse(1);
      if (threshold < 1 || threshold > 0xffff) {
        throw new IllegalArgumentException("log queue-threshold " + threshold + ": 1 to 65535");
      }
    }
  }

  /**
   * Matches while packets come slower than the rate; {@code over} turns it round.
   *
   * @param rate packets per unit, at least 1
   * @param burst packets let through above the rate, at least 1; nft's default is 5
   */
  record Limit(long rate, Unit unit, int burst, boolean over) implements NftStatement {
    public Limit {
      if (rate < 1 || burst < 1) {
        throw new IllegalArgumentException(
            "limit rate " + rate + " burst " + burst + ": both are at least 1");
      }
    }

    /** The time a rate refers to. */
    public enum Unit {
      SECOND(1),
      MINUTE(60),
      HOUR(3600),
      DAY(86400),
      WEEK(604800);

      private final long seconds;

      Unit(long seconds) {
        this.seconds = seconds;
      }

      public long seconds() {
        return seconds;
      }
    }
  }

  /** Answers the sender and drops the packet. */
  record Reject(With with) implements NftStatement {
    /** The answer; {@code TCP_RESET} needs a TCP packet, which the rule must have checked. */
    public enum With {
      NO_ROUTE("icmpx no-route", 2, 0),
      PORT_UNREACHABLE("icmpx port-unreachable", 2, 1),
      HOST_UNREACHABLE("icmpx host-unreachable", 2, 2),
      ADMIN_PROHIBITED("icmpx admin-prohibited", 2, 3),
      TCP_RESET("tcp reset", 1, 0);

      private final String text;
      private final int type;
      private final int code;

      With(String text, int type, int code) {
        this.text = text;
        this.type = type;
        this.code = code;
      }

      public String text() {
        return text;
      }

      /** NFT_REJECT_*. */
      public int type() {
        return type;
      }

      /** NFT_REJECT_ICMPX_*. */
      public int code() {
        return code;
      }
    }
  }

  /**
   * Holds the packet until the reader of a queue decides ({@code io.portolan.linux.nfqueue}); ends
   * the rule. Accepted, the packet goes on behind the chain's hook.
   *
   * @param number 0 to 65535
   * @param bypass whether packets pass while nobody reads the queue, rather than being dropped
   */
  record Queue(int number, boolean bypass) implements NftStatement {
    public Queue {
      if (number < 0 || number > 0xffff) {
        throw new IllegalArgumentException("queue " + number + ": 0 to 65535");
      }
    }
  }

  /** Keeps the packet out of connection tracking; only before it (raw priority). */
  record Notrack() implements NftStatement {}

  /** The packet's mark or its connection's. */
  enum Mark {
    META,
    CT;

    public NftSelector selector() {
      return this == META ? MetaField.MARK : CtField.MARK;
    }
  }

  /**
   * Sets the bits of {@code mask} to those of {@code value} and leaves the others alone.
   *
   * @param value has no bit outside {@code mask}
   */
  record SetMark(Mark target, int mask, int value) implements NftStatement {
    public SetMark {
      if ((value & ~mask) != 0 || mask == 0) {
        throw new IllegalArgumentException(
            String.format(
                "mark value 0x%08x has bits outside its mask 0x%08x, or the mask is empty",
                value, mask));
      }
    }
  }

  /** Copies a whole mark: {@code meta mark set ct mark}. */
  record CopyMark(Mark target, Mark source) implements NftStatement {
    public CopyMark {
      if (target == source) {
        throw new IllegalArgumentException("copying a mark to itself changes nothing");
      }
    }
  }

  /**
   * {@code ether daddr set 0a:58:0a:f4:01:01}, {@code meta pkttype set host}: in a bridge table
   * before the bridge decides, both together hand a frame to the node's own network stack.
   *
   * @param field {@link PayloadField#ETHER_DADDR} or {@link MetaField#PKTTYPE}
   */
  record SetField(NftSelector field, NftValue value) implements NftStatement {
    public SetField {
      requireType(field, value.type());
      if (field != PayloadField.ETHER_DADDR && field != MetaField.PKTTYPE) {
        throw new IllegalArgumentException(field.text() + " is no field to set");
      }
    }
  }

  /** {@code meta mark set ip saddr map @classes}: a packet without an element leaves the rule. */
  record SetMarkFromMap(Mark target, List<NftSelector> key, String map) implements NftStatement {
    public SetMarkFromMap {
      key = nonEmpty(key);
      NftName.check("map", map);
    }
  }

  /**
   * Rewrites the source address, in a nat chain behind routing.
   *
   * @param to one address or a range of one family
   */
  record SourceNat(NftKeyPart to, NatPorts ports) implements NftStatement {
    public SourceNat {
      requireAddress(to);
    }
  }

  /**
   * Rewrites the destination address, in a nat chain before routing.
   *
   * @param port the new port; empty keeps it. The rule must have matched the transport
   */
  record DestinationNat(NftValue to, OptionalInt port) implements NftStatement {
    public DestinationNat {
      requireAddress(to);
      port.ifPresent(NftValue::port);
    }
  }

  /** Rewrites the source address to that of the interface the packet leaves by. */
  record Masquerade(NatPorts ports) implements NftStatement {}

  /** How NAT picks source ports (NF_NAT_RANGE_* of {@code nf_nat.h}). */
  enum NatPorts {
    /** Keeps the port where that is free. */
    KEEP(0, ""),
    /** Random start: fewer insertion races than KEEP. */
    RANDOM(4, " random"),
    /** Every port from a random generator: what kubelets use. */
    FULLY_RANDOM(16, " fully-random");

    private final int flags;
    private final String text;

    NatPorts(int flags, String text) {
      this.flags = flags;
      this.text = text;
    }

    public int flags() {
      return flags;
    }

    public String text() {
      return text;
    }
  }

  /**
   * Something that was read back and is not one of the above: somebody else's rule. It can be
   * shown, not programmed.
   *
   * @param text the kernel's expressions
   */
  record Foreign(String text) implements NftStatement {}

  // ---- Short forms for the common ones.

  static NftStatement verdict(NftVerdict verdict) {
    return new Verdict(verdict);
  }

  static NftStatement accept() {
    return new Verdict(NftVerdict.ACCEPT);
  }

  static NftStatement drop() {
    return new Verdict(NftVerdict.DROP);
  }

  static NftStatement jump(String chain) {
    return new Verdict(NftVerdict.jump(chain));
  }

  static NftStatement equal(NftSelector selector, NftValue value) {
    return new Compare(selector, Optional.empty(), value, false);
  }

  static NftStatement notEqual(NftSelector selector, NftValue value) {
    return new Compare(selector, Optional.empty(), value, true);
  }

  static NftStatement masked(NftSelector selector, NftValue mask, NftValue value) {
    return new Compare(selector, Optional.of(mask), value, false);
  }

  static NftStatement lookup(String set, NftSelector... key) {
    return new Lookup(List.of(key), set, false);
  }

  static NftStatement notIn(String set, NftSelector... key) {
    return new Lookup(List.of(key), set, true);
  }

  static NftStatement verdictMap(String map, NftSelector... key) {
    return new VerdictMap(List.of(key), map);
  }

  static NftStatement ctState(CtState... states) {
    return new AnyBit(CtField.STATE, NftValue.ctState(states), false);
  }

  static NftStatement counter() {
    return new Counter(0, 0);
  }

  private static List<NftSelector> nonEmpty(List<NftSelector> key) {
    if (key.isEmpty()) {
      throw new IllegalArgumentException("a lookup has at least one key field");
    }
    return List.copyOf(key);
  }

  private static void requireType(NftSelector selector, NftType type) {
    if (selector.type() != type) {
      throw new IllegalArgumentException(
          selector.text() + " is of type " + selector.type().text() + ", not " + type.text());
    }
  }

  private static void requireAddress(NftKeyPart part) {
    if (part.type() != NftType.IPV4_ADDR && part.type() != NftType.IPV6_ADDR) {
      throw new IllegalArgumentException("NAT needs an address, not " + part.type().text());
    }
  }
}
