package io.portolan.policy.model;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpFamily;
import io.portolan.common.select.PodQuery;
import io.portolan.common.select.Selector;
import java.util.List;
import java.util.OptionalInt;

/** A description of connections by one of their properties. */
public sealed interface Match {

  /** Every connection. */
  record Anything() implements Match {}

  /** Connections over IPv4, or over IPv6. */
  record Family(IpFamily family) implements Match {}

  /**
   * An end that the query selects: pods with addresses of their own, and network sets and host
   * endpoints where the query reaches them. Pods in the host's network are never meant.
   */
  record Selected(End end, PodQuery query) implements Match {}

  /**
   * An end within a block of addresses, pods' among them.
   *
   * @param except taken out of this block only; another match may still describe them
   */
  record Block(End end, Cidr cidr, List<Cidr> except) implements Match {
    public Block {
      except = List.copyOf(except);
    }
  }

  /**
   * An end at any of the addresses that the nodes with such labels show in their status. Pods in
   * the host's network are thereby meant, others never.
   */
  record Nodes(End end, Selector labels) implements Match {}

  /**
   * An end at an address that the name service gave for one of these names.
   *
   * @param names each as {@link DomainPattern} reads it
   */
  record Domains(End end, List<DomainPattern> names) implements Match {
    public Domains {
      names = names.stream().distinct().sorted().toList();
    }
  }

  /**
   * An end among the endpoints of a service: as a source by its address; as a destination by its
   * address and a port of the endpoint, not of the service.
   */
  record Service(End end, ServiceName service) implements Match {}

  /** A whole protocol. */
  record Whole(Protocol protocol) implements Match {}

  /**
   * A port of an end, or a closed range of them.
   *
   * @param from 1 to 65535, or 0 where a policy means it
   * @param to at least {@code from}
   */
  record Port(End end, Protocol protocol, int from, int to) implements Match {
    public Port {
      if (from < 0 || to > 65535 || from > to) {
        throw new IllegalArgumentException(
            "ports " + from + "-" + to + ": a range goes up, within 0 to 65535");
      }
    }
  }

  /**
   * The port that a container of the pod, or the host endpoint, at this end declares under this
   * name and protocol. Each may declare another number; what is neither never matches.
   */
  record NamedPort(End end, Protocol protocol, String name) implements Match {}

  /**
   * ICMP of one family, as a request: echo and the like, not errors of another connection.
   *
   * @param type 0 to 255; empty for every type
   * @param code 0 to 255, with a type only; empty for every code
   */
  record Icmp(IpFamily family, OptionalInt type, OptionalInt code) implements Match {
    public Icmp {
      if (code.isPresent() && type.isEmpty()) {
        throw new IllegalArgumentException("an ICMP code needs a type");
      }
    }

    /** ICMP, or ICMPv6. */
    public Protocol protocol() {
      return new Protocol(family == IpFamily.IPV4 ? 1 : 58);
    }
  }
}
