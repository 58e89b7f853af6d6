package io.portolan.policy.cases;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.policy.model.Protocol;
import io.portolan.policy.nft.Flow;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * One new connection, without a service or address translation on its way.
 *
 * @param sourcePort 0 for a protocol without ports
 * @param port as in {@link Flow}
 */
public record Probe(
    ProbeEnd from, ProbeEnd to, IpFamily family, Protocol protocol, int sourcePort, int port) {
  private static final Set<Protocol> WITH_PORTS = Set.of(Protocol.TCP, Protocol.UDP, Protocol.SCTP);

  /** From which nobody's policy expects anything. */
  private static final int EPHEMERAL = 40_000;

  private static final int ECHO_REQUEST = 8;
  private static final int ECHO_REQUEST_V6 = 128;

  /**
   * Reads {@code
   * {"from":"ns/pod","to":"ip:10.0.0.1","ipFamily":"IPv4","protocol":"TCP","port":80}}.
   *
   * @param ends reads the ends, the same ones time and again
   * @throws MalformedInputException naming the field
   */
  public static Probe of(JsonNode document, ProbeEnds ends) throws MalformedInputException {
    InputNode probe = InputNode.of(document);
    ProbeEnd from = ends.read(probe.get("from"));
    ProbeEnd to = ends.read(probe.get("to"));
    IpFamily family = family(probe.get("ipFamily"), from, to);
    Protocol protocol = protocol(probe.get("protocol"), family);
    InputNode port = probe.get("port");
    InputNode sourcePort = probe.get("sourcePort");
    InputNode icmpType = probe.get("icmpType");
    InputNode icmpCode = probe.get("icmpCode");
    if (hasPorts(protocol)) {
      refuse(icmpType, 255, "is for ICMP");
      refuse(icmpCode, 255, "is for ICMP");
      return new Probe(
          from,
          to,
          family,
          protocol,
          sourcePort.optionalNumber(0, 65_535).orElse(EPHEMERAL),
          port.optionalNumber(0, 65_535).orElseThrow(() -> port.problem("is missing")));
    }
    refuse(port, 65_535, "is for TCP, UDP and SCTP");
    refuse(sourcePort, 65_535, "is for TCP, UDP and SCTP");
    if (!protocol.equals(icmp(family))) {
      refuse(icmpType, 255, "is for ICMP");
      refuse(icmpCode, 255, "is for ICMP");
      return new Probe(from, to, family, protocol, 0, 0);
    }
    int type = icmpType.optionalNumber(0, 255).orElse(echo(family));
    int code = icmpCode.optionalNumber(0, 255).orElse(0);
    return new Probe(from, to, family, protocol, 0, type << 8 | code);
  }

  /**
   * Reads what a person writes.
   *
   * @param from a pod, or {@code ip:} and an address
   * @param to likewise
   * @param service {@code 5432/tcp}, {@code icmp} or the number of a protocol
   * @throws MalformedInputException naming what is wrong
   */
  public static Probe of(String from, String to, String service) throws MalformedInputException {
    ObjectNode probe = JsonNodeFactory.instance.objectNode().put("from", from).put("to", to);
    String[] parts = service.split("/", -1);
    String protocol = parts[parts.length - 1].toUpperCase(Locale.ROOT);
    if (parts.length == 2 && parts[0].matches("[0-9]{1,5}") && !protocol.isEmpty()) {
      probe.put("port", Integer.parseInt(parts[0]));
    } else if (parts.length != 1) {
      throw new MalformedInputException(
          "'" + service + "' is no service: give PORT/PROTO such as 5432/tcp, icmp, or a protocol");
    }
    if (protocol.matches("[0-9]{1,3}")) {
      probe.put("protocol", Integer.parseInt(protocol));
    } else {
      probe.put("protocol", protocol);
    }
    return of(probe, new ProbeEnds());
  }

  /** From one end to another of the family, with ICMP's echo request. */
  static Probe of(ProbeEnd from, ProbeEnd to, IpFamily family, Protocol protocol, int port) {
    boolean ports = hasPorts(protocol);
    return new Probe(
        from,
        to,
        family,
        protocol,
        ports ? EPHEMERAL : 0,
        ports ? port : protocol.equals(icmp(family)) ? echo(family) << 8 : 0);
  }

  static boolean hasPorts(Protocol protocol) {
    return WITH_PORTS.contains(protocol);
  }

  private static int echo(IpFamily family) {
    return family == IpFamily.IPV4 ? ECHO_REQUEST : ECHO_REQUEST_V6;
  }

  Flow flow(IpAddress source, IpAddress destination) {
    return new Flow(source, destination, protocol.number(), sourcePort, port);
  }

  /** {@code 80/tcp}, {@code icmp type 8 code 0} or {@code protocol 47}. */
  String service() {
    if (hasPorts(protocol)) {
      return port + "/" + protocol.text();
    }
    return protocol.equals(icmp(family))
        ? "icmp type %d code %d".formatted(port >> 8, port & 0xff)
        : "protocol " + protocol.text();
  }

  private static Protocol icmp(IpFamily family) {
    return new Protocol(family == IpFamily.IPV4 ? 1 : 58);
  }

  /** Zero is how some write that there is none. */
  private static void refuse(InputNode field, int most, String why) throws MalformedInputException {
    if (field.optionalNumber(0, most).orElse(0) != 0) {
      throw field.problem(why);
    }
  }

  private static IpFamily family(InputNode field, ProbeEnd from, ProbeEnd to)
      throws MalformedInputException {
    Optional<IpFamily> source = family(from);
    Optional<IpFamily> destination = family(to);
    Optional<String> text = field.optionalText();
    IpFamily family =
        switch (text.orElse("")) {
          case "IPv4" -> IpFamily.IPV4;
          case "IPv6" -> IpFamily.IPV6;
          case "" -> source.or(() -> destination).orElse(IpFamily.IPV4);
          default -> throw field.problem("'" + text.orElseThrow() + "' is neither IPv4 nor IPv6");
        };
    if (source.filter(f -> f != family).isPresent()) {
      throw new MalformedInputException("from", from + " is no address of the probe's family");
    }
    if (destination.filter(f -> f != family).isPresent()) {
      throw new MalformedInputException("to", to + " is no address of the probe's family");
    }
    return family;
  }

  private static Optional<IpFamily> family(ProbeEnd end) {
    return switch (end) {
      case ProbeEnd.OfPod _ -> Optional.empty();
      case ProbeEnd.OfAddress(IpAddress address) -> Optional.of(address.family());
    };
  }

  private static Protocol protocol(InputNode field, IpFamily family)
      throws MalformedInputException {
    if (field.node().isNumber()) {
      return new Protocol(field.optionalNumber(0, 255).orElseThrow());
    }
    String text = field.text();
    if (text.equals("ICMP")) {
      return icmp(family);
    }
    return Protocol.named(text)
        .orElseThrow(
            () -> field.problem("'" + text + "' is none of TCP, UDP, SCTP, ICMP and no number"));
  }
}
