package io.portolan.aws.ec2;

import java.time.Duration;
import java.util.Optional;

/**
 * A failed EC2 call as it came over the wire, before anyone judged it; see {@link Ec2Faults}.
 *
 * @param action the call
 * @param kind how far the call got
 * @param code EC2's error code; empty unless {@code kind} is {@code REFUSED}
 * @param message EC2's or the transport's words, without line breaks, at most {@value #LONGEST}
 *     characters
 * @param httpStatus 0 when no response arrived
 * @param requestId what AWS support asks for, when there was a response
 * @param retryAfter how long the response asks to wait, if it does
 */
public record Ec2Error(
    Ec2Action action,
    Kind kind,
    String code,
    String message,
    int httpStatus,
    Optional<String> requestId,
    Optional<Duration> retryAfter) {
  private static final int LONGEST = 500;

  /** How far the call got. */
  public enum Kind {
    /** EC2 answered with an error document. */
    REFUSED,
    /** The call never left: nothing listens at the endpoint, or its name is unknown. */
    NOT_SENT,
    /** The call never left: no provider of the credential chain has any. */
    NO_CREDENTIALS,
    /** No usable answer: refused connection, time-out, reset. The effect may have happened. */
    NO_REPLY,
    /** An answer that is not EC2's. The effect may have happened. */
    UNREADABLE
  }

  /** Bounds the message, because it ends up in conditions and logs and comes from elsewhere. */
  public Ec2Error {
    message = message.replaceAll("\\p{Cntrl}+", " ").strip();
    if (message.length() > LONGEST) {
      message = message.substring(0, LONGEST) + "…";
    }
  }

  /** A failure without any response. */
  static Ec2Error silent(Ec2Action action, Kind kind, String message) {
    return new Ec2Error(action, kind, "", message, 0, Optional.empty(), Optional.empty());
  }

  /**
   * True when the call may have taken effect although it failed here. An internal error of EC2
   * counts: nothing says at which point it happened.
   */
  public boolean effectUnknown() {
    return action.effect() == Ec2Action.Effect.CHANGES
        && switch (kind) {
          case REFUSED -> httpStatus >= 500;
          case NO_REPLY, UNREADABLE -> true;
          case NOT_SENT, NO_CREDENTIALS -> false;
        };
  }

  @Override
  public String toString() {
    return action.apiName()
        + ": "
        + (code.isEmpty() ? kind.name() : code)
        + (message.isEmpty() ? "" : ": " + message)
        + requestId.map(id -> " (request " + id + ")").orElse("");
  }
}
