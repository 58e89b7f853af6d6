package io.portolan.policy.model;

import java.util.Optional;

/**
 * An IP protocol by its number in the IANA registry.
 *
 * @param number 0 to 255
 */
public record Protocol(int number) implements Comparable<Protocol> {
  public static final Protocol TCP = new Protocol(6);
  public static final Protocol UDP = new Protocol(17);
  public static final Protocol SCTP = new Protocol(132);

  public Protocol {
    if (number < 0 || number > 255) {
      throw new IllegalArgumentException("protocol number " + number + ": 0 to 255");
    }
  }

  /** One of the names the Kubernetes API knows, exactly as it spells them. */
  public static Optional<Protocol> named(String name) {
    return switch (name) {
      case "TCP" -> Optional.of(TCP);
      case "UDP" -> Optional.of(UDP);
      case "SCTP" -> Optional.of(SCTP);
      default -> Optional.empty();
    };
  }

  /** {@code tcp}, {@code udp}, {@code sctp} or the number. */
  public String text() {
    return switch (number) {
      case 6 -> "tcp";
      case 17 -> "udp";
      case 132 -> "sctp";
      default -> Integer.toString(number);
    };
  }

  @Override
  public int compareTo(Protocol other) {
    return Integer.compare(number, other.number);
  }
}
