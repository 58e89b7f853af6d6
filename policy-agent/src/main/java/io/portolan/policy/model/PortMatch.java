package io.portolan.policy.model;

/** What a rule says about the destination port of a connection. */
public sealed interface PortMatch {

  /** Every protocol and port; the rule names none. */
  record Any() implements PortMatch {}

  /** A whole protocol. */
  record Whole(Protocol protocol) implements PortMatch {}

  /**
   * One port or a closed range.
   *
   * @param from 1 to 65535, or 0 where a policy means it
   * @param to at least {@code from}
   */
  record Range(Protocol protocol, int from, int to) implements PortMatch {
    public Range {
      if (from < 0 || to > 65535 || from > to) {
        throw new IllegalArgumentException(
            "ports " + from + "-" + to + ": a range goes up, within 0 to 65535");
      }
    }
  }

  /**
   * The port a container of the destination pod declares under this name and protocol. Each pod may
   * declare another number; what is no pod never matches.
   */
  record Named(Protocol protocol, String name) implements PortMatch {}
}
