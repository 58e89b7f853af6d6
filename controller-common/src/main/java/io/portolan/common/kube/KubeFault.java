package io.portolan.common.kube;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Optional;

/**
 * Why a call did not succeed.
 *
 * @param kind what the caller can do about it
 * @param code the HTTP status; 0 if there was no answer
 * @param reason the {@code reason} of the Status object, such as {@code AlreadyExists}; may be
 *     empty
 * @param message for people: the server's own words
 * @param retryAfter what the server asked for
 */
public record KubeFault(
    Kind kind, int code, String reason, String message, Optional<Duration> retryAfter) {

  /** What a fault means to the caller. */
  public enum Kind {
    /** No such object, or no such resource: is the CRD installed? */
    NOT_FOUND,
    /** An object of this name exists already. */
    ALREADY_EXISTS,
    /** Somebody else wrote meanwhile, or owns a field: read again. */
    CONFLICT,
    /** The version or page asked for is gone: list again. */
    EXPIRED,
    /** The object breaks a rule of its schema; repeating it is useless. */
    INVALID,
    /** Credentials or permissions are missing. */
    DENIED,
    /** Too many requests: wait. */
    THROTTLED,
    /** No answer, or the server is in trouble; the call may have been carried out. */
    UNAVAILABLE
  }

  static KubeFault ofStatus(int code, JsonNode status, Optional<Duration> retryAfter) {
    String reason = status.path("reason").asText();
    String message = status.path("message").asText();
    return new KubeFault(
        kind(code, reason),
        code,
        reason,
        message.isEmpty() ? "HTTP status " + code : message,
        retryAfter);
  }

  static KubeFault noAnswer(String message) {
    return new KubeFault(Kind.UNAVAILABLE, 0, "", message, Optional.empty());
  }

  private static Kind kind(int code, String reason) {
    return switch (code) {
      case 401, 403 -> Kind.DENIED;
      case 404 -> Kind.NOT_FOUND;
      case 409 -> reason.equals("AlreadyExists") ? Kind.ALREADY_EXISTS : Kind.CONFLICT;
      case 410 -> Kind.EXPIRED;
      case 429 -> Kind.THROTTLED;
      default -> code >= 400 && code < 500 ? Kind.INVALID : Kind.UNAVAILABLE;
    };
  }

  /** Whether the same call may succeed later. */
  public boolean isPassing() {
    return kind == Kind.UNAVAILABLE || kind == Kind.THROTTLED;
  }

  @Override
  public String toString() {
    return kind + (code == 0 ? "" : " (" + code + ")") + ": " + message;
  }
}
