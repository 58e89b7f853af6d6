package io.portolan.calico.model;

import io.portolan.common.net.Cidr;
import java.util.List;

/** Addresses that are not to be assigned from now on. */
public record IpReservation(String name, List<Cidr> cidrs) {
  public IpReservation {
    cidrs = List.copyOf(cidrs);
  }
}
