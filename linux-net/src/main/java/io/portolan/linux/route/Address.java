package io.portolan.linux.route;

import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;

/**
 * An address of a link.
 *
 * @param link index of the link
 * @param prefix the address with the length of its subnet, or of the peer's if there is one
 * @param peer the other end of a point-to-point address
 * @param scope how far it is valid
 * @param broadcast IPv4 only; none unless given, the kernel does not derive it
 * @param flags {@link AddressFlag#PERMANENT} is set by the kernel
 */
public record Address(
    int link,
    IpPrefix prefix,
    Optional<InetAddress> peer,
    Scope scope,
    Optional<InetAddress> broadcast,
    Set<AddressFlag> flags)
    implements NetworkObject {

  public Address {
    if (link <= 0) {
      throw new IllegalArgumentException("link " + link + ": a link index is above 0");
    }
    flags = AddressFlag.of(AddressFlag.bits(flags));
    AddressFamily family = prefix.family();
    if (peer.isPresent() && AddressFamily.of(peer.get()) != family) {
      throw new IllegalArgumentException(
          "peer " + peer.get().getHostAddress() + " is not of the family of " + prefix);
    }
    if (broadcast.isPresent()
        && (family != AddressFamily.INET || AddressFamily.of(broadcast.get()) != family)) {
      throw new IllegalArgumentException(
          "broadcast of " + prefix + ": only IPv4 has broadcast, with IPv4 addresses");
    }
  }

  /** An address of global scope without flags. */
  public static Address of(int link, IpPrefix prefix) {
    return new Address(link, prefix, Optional.empty(), Scope.UNIVERSE, Optional.empty(), Set.of());
  }

  public Address withPeer(InetAddress value) {
    return new Address(link, prefix, Optional.of(value), scope, broadcast, flags);
  }

  public Address withScope(Scope value) {
    return new Address(link, prefix, peer, value, broadcast, flags);
  }

  public Address withBroadcast(InetAddress value) {
    return new Address(link, prefix, peer, scope, Optional.of(value), flags);
  }

  public Address withFlags(Set<AddressFlag> value) {
    return new Address(link, prefix, peer, scope, broadcast, value);
  }

  @Override
  public String toString() {
    return "address "
        + prefix
        + peer.map(p -> " peer " + p.getHostAddress()).orElse("")
        + " on link "
        + link
        + (scope.equals(Scope.UNIVERSE) ? "" : " scope " + scope);
  }
}
