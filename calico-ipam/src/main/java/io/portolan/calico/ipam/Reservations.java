package io.portolan.calico.ipam;

import io.portolan.calico.model.IpReservation;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.math.BigInteger;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/**
 * The addresses that must not be assigned; who has one keeps it.
 *
 * @param cidrs disjoint, in order
 */
public record Reservations(List<Cidr> cidrs) implements Predicate<IpAddress> {
  public static final Reservations NONE = new Reservations(List.of());

  public Reservations {
    cidrs = Cidr.merge(cidrs);
  }

  public static Reservations of(Collection<IpReservation> objects) {
    return new Reservations(objects.stream().flatMap(o -> o.cidrs().stream()).toList());
  }

  @Override
  public boolean test(IpAddress address) {
    // Nearly always empty, or one or two.
    for (Cidr cidr : cidrs) {
      if (cidr.contains(address)) {
        return true;
      }
    }
    return false;
  }

  /** Whether nothing of a block may be assigned. */
  public boolean covers(Cidr block) {
    return cidrs.stream().anyMatch(cidr -> cidr.contains(block));
  }

  /** How many addresses of a block may not be assigned. */
  public BigInteger countIn(Cidr block) {
    return cidrs.stream()
        .filter(block::overlaps)
        .map(cidr -> cidr.contains(block) ? block.size() : cidr.size())
        .reduce(BigInteger.ZERO, BigInteger::add);
  }
}
