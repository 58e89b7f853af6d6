package io.portolan.policy.compile;

import io.portolan.policy.model.Direction;
import io.portolan.policy.model.PolicyId;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a record of a packet was made for.
 *
 * @param packets which packets of a connection
 * @param direction seen from the pod that the policy applies to
 * @param policies that decided, or asked for the record: of the end of a tier, all of the tier's
 *     that select the pod and did not allow
 */
public record Reported(
    Verdict verdict,
    Packets packets,
    Direction direction,
    RuleOrigin origin,
    List<PolicyId> policies) {
  public Reported {
    policies = List.copyOf(policies);
  }

  /** What became of the packet. */
  public enum Verdict {
    DENIED,
    /** A rule with action Log; whether the connection passes is decided behind it. */
    LOGGED
  }

  /** Which packets of a connection a record is about. */
  public enum Packets {
    /** The first ones, until something comes back. */
    OPENING("new", ""),
    /** Later ones in the direction the connection was opened in: policy came to deny it. */
    LATER("established", "established "),
    /** Those that come back; their source is whom the connection was opened to. */
    REPLIES("established", "replies "),
    /** Of no connection: policy judges them before connection tracking. */
    SINGLE("untracked", "");

    static final List<Packets> TRACKED = List.of(OPENING, LATER, REPLIES);

    private static final String DENIED = "denied ";

    private final String text;
    private final String prefix;

    Packets(String text, String prefix) {
      this.text = text;
      this.prefix = prefix;
    }

    /** What the flow log calls the state of the connection. */
    public String text() {
      return text;
    }

    /** What records of a drop are made with. */
    String denied(String reason) {
      return DENIED + prefix + reason;
    }

    /** Which packets a record is about, by the prefix it was made with. */
    public static Packets of(String prefix) {
      return Stream.of(LATER, REPLIES)
          .filter(packets -> prefix.startsWith(packets.denied("")))
          .findFirst()
          .orElse(OPENING);
    }

    /** The reason of a drop, by the prefix its record was made with. */
    public static String reason(String prefix) {
      String start = of(prefix).denied("");
      return prefix.startsWith(start) ? prefix.substring(start.length()) : prefix;
    }
  }
}
