package io.portolan.common.net;

import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressNetwork.IPAddressGenerator;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A block of addresses sharing their first {@code prefixLength} bits (RFC 4632), with no host bits
 * set.
 *
 * <p>Ordered by network address, then shorter prefix first.
 *
 * @param network the first address of the block
 * @param prefixLength 0 to 32 for IPv4, 0 to 128 for IPv6
 */
public record Cidr(IpAddress network, int prefixLength) implements Comparable<Cidr> {
  private static final IPAddressGenerator GENERATOR = new IPAddressGenerator();

  /**
   * @throws IllegalArgumentException if the prefix length is out of range or host bits are set; the
   *     message gives the block that was probably meant
   */
  public Cidr {
    if (prefixLength < 0 || prefixLength > network.family().bits()) {
      throw new IllegalArgumentException(
          network + "/" + prefixLength + ": a prefix length is 0 to " + network.family().bits());
    }
    IpAddress masked = mask(network, prefixLength);
    if (!masked.equals(network)) {
      throw new IllegalArgumentException(
          network
              + "/"
              + prefixLength
              + " has host bits set; write "
              + masked
              + "/"
              + prefixLength);
    }
  }

  /**
   * Parses {@code address/length}.
   *
   * @throws IllegalArgumentException if the text is anything else, or has host bits set
   */
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a CIDR block: the prefix length is missing");
    }
    return new Cidr(IpAddress.parse(text.substring(0, slash)), length(text, slash));
  }

  /**
   * Parses {@code address/length} and clears host bits, for APIs that tolerate them
   * (NetworkPolicy's ipBlock does).
   *
   * @throws IllegalArgumentException if the text is not an address and a length
   */
  public static Cidr parseMasking(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a CIDR block: the prefix length is missing");
    }
    return containing(IpAddress.parse(text.substring(0, slash)), length(text, slash));
  }

  /** The block of the given length that holds {@code address}. */
  public static Cidr containing(IpAddress address, int prefixLength) {
    if (prefixLength < 0 || prefixLength > address.family().bits()) {
      throw new IllegalArgumentException(
          address + "/" + prefixLength + ": a prefix length is 0 to " + address.family().bits());
    }
    return new Cidr(mask(address, prefixLength), prefixLength);
  }

  public IpFamily family() {
    return network.family();
  }

  /** The last address of the block: the broadcast address of an IPv4 subnet. */
  public IpAddress last() {
    int host = family().bits() - prefixLength;
    long low = host == 0 ? 0 : host >= 64 ? -1L : (1L << host) - 1;
    long high = host <= 64 ? 0 : host == 128 ? -1L : (1L << (host - 64)) - 1;
    return new IpAddress(family(), network.high() | high, network.low() | low);
  }

  /** How many addresses the block holds: 2 to the power of its host bits. */
  public BigInteger size() {
    return BigInteger.ONE.shiftLeft(family().bits() - prefixLength);
  }

  /** Whether the block is one address. */
  public boolean isSingleAddress() {
    return prefixLength == family().bits();
  }

  public boolean contains(IpAddress address) {
    return address.family() == family() && mask(address, prefixLength).equals(network);
  }

  /** Whether every address of {@code other} is in this block. */
  public boolean contains(Cidr other) {
    return other.prefixLength >= prefixLength && contains(other.network);
  }

  public boolean overlaps(Cidr other) {
    return contains(other) || other.contains(this);
  }

  /**
   * The address at {@code index} in the block, 0 being the network address.
   *
   * @throws IllegalArgumentException if the block has no such address
   */
  public IpAddress address(long index) {
    if (index < 0 || size().compareTo(BigInteger.valueOf(index)) <= 0) {
      throw new IllegalArgumentException(this + " has no address number " + index);
    }
    return network.plus(index);
  }

  /** This block without {@code others}: the fewest blocks that cover what remains, in order. */
  public List<Cidr> minus(Collection<Cidr> others) {
    List<IPAddress> remaining = new ArrayList<>(List.of(toLibrary()));
    for (Cidr other : others) {
      if (other.family() != family()) {
        continue;
      }
      List<IPAddress> next = new ArrayList<>();
      for (IPAddress block : remaining) {
        IPAddress[] parts = block.subtract(other.toLibrary());
        if (parts != null) {
          for (IPAddress part : parts) {
            next.addAll(List.of(part.spanWithPrefixBlocks()));
          }
        }
      }
      remaining = next;
    }
    return remaining.stream().map(Cidr::fromLibrary).sorted().toList();
  }

  /** The fewest blocks that hold exactly the addresses of {@code blocks}, in order. */
  public static List<Cidr> merge(Collection<Cidr> blocks) {
    List<Cidr> merged = new ArrayList<>();
    for (IpFamily family : IpFamily.values()) {
      IPAddress[] ofFamily =
          blocks.stream()
              .filter(b -> b.family() == family)
              .map(Cidr::toLibrary)
              .toArray(IPAddress[]::new);
      if (ofFamily.length > 0) {
        for (IPAddress block : ofFamily[0].mergeToPrefixBlocks(ofFamily)) {
          merged.add(fromLibrary(block));
        }
      }
    }
    return merged.stream().sorted().toList();
  }

  private IPAddress toLibrary() {
    return GENERATOR.from(network.bytes(), prefixLength).toPrefixBlock();
  }

  private static Cidr fromLibrary(IPAddress block) {
    Integer length = block.getPrefixLength();
    return new Cidr(
        IpAddress.of(block.getLower().getBytes()), length == null ? block.getBitCount() : length);
  }

  private static int length(String text, int slash) {
    String digits = text.substring(slash + 1);
    if (digits.isEmpty()
        || digits.length() > 3
        || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new IllegalArgumentException("'" + text + "': the prefix length is not a number");
    }
    return Integer.parseInt(digits);
  }

  private static IpAddress mask(IpAddress address, int prefixLength) {
    if (address.isIpv4()) {
      long mask = prefixLength == 0 ? 0 : 0xffff_ffffL << (32 - prefixLength) & 0xffff_ffffL;
      return new IpAddress(IpFamily.IPV4, 0, address.low() & mask);
    }
    long high = prefixLength == 0 ? 0 : prefixLength >= 64 ? -1L : -1L << (64 - prefixLength);
    long low = prefixLength <= 64 ? 0 : prefixLength == 128 ? -1L : -1L << (128 - prefixLength);
    return new IpAddress(IpFamily.IPV6, address.high() & high, address.low() & low);
  }

  @Override
  public int compareTo(Cidr other) {
    int byNetwork = network.compareTo(other.network);
    return byNetwork != 0 ? byNetwork : Integer.compare(prefixLength, other.prefixLength);
  }

  @Override
  public String toString() {
    return network + "/" + prefixLength;
  }
}
