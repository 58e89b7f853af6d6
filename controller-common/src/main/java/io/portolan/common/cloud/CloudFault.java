package io.portolan.common.cloud;

import java.time.Duration;
import java.util.Optional;

/**
 * Why a cloud refused or failed. Each kind calls for one reaction; the provider's own code and the
 * request stay with it for people.
 */
public sealed interface CloudFault {

  /** What the provider said, and to what. */
  Detail detail();

  /**
   * @param code the provider's error code, such as {@code InsufficientCidrBlocks}, or a short name
   *     of the transport failure
   * @param message the provider's text
   * @param request the request in one line, without secrets
   */
  record Detail(String code, String message, String request) {
    @Override
    public String toString() {
      return request + ": " + code + (message.isEmpty() ? "" : " (" + message + ")");
    }
  }

  /**
   * Too many requests: nothing was done.
   *
   * @param retryAfter how long the provider asks to wait, if it says
   */
  record Throttled(Detail detail, Optional<Duration> retryAfter) implements CloudFault {}

  /** Something is used up; only another place, or time, helps. */
  record Exhausted(Detail detail, ExhaustedScope scope) implements CloudFault {}

  /**
   * The thing is not there: already gone, or not yet visible.
   *
   * @param what its identifier
   */
  record NotFound(Detail detail, String what) implements CloudFault {}

  /** Another writer was faster, or the thing is in a state that forbids it: observe, plan again. */
  record Conflict(Detail detail) implements CloudFault {}

  /**
   * Not allowed: people must act.
   *
   * @param credentials whether the credentials themselves are missing, wrong or expired, as opposed
   *     to lacking a permission
   */
  record Denied(Detail detail, boolean credentials) implements CloudFault {}

  /**
   * The provider failed, or was not reached before the request was sent: nothing was done, the same
   * request may succeed later. A request that was sent and not answered is {@link
   * CloudOutcome.Unknown} instead.
   */
  record Transient(Detail detail) implements CloudFault {}

  /** The request itself is wrong: repeating it is pointless. */
  record Invalid(Detail detail) implements CloudFault {}

  /** The condition reason: one CamelCase word. */
  default String reason() {
    return switch (this) {
      case Throttled _ -> "CloudThrottled";
      case Exhausted e ->
          switch (e.scope()) {
            case ExhaustedScope.Subnet _ -> "SubnetExhausted";
            case ExhaustedScope.FragmentedSubnet _ -> "SubnetFragmented";
            case ExhaustedScope.Interface _ -> "InterfaceFull";
            case ExhaustedScope.Machine _ -> "MachineFull";
            case ExhaustedScope.Quota _ -> "QuotaExceeded";
          };
      case NotFound _ -> "CloudObjectNotFound";
      case Conflict _ -> "CloudConflict";
      case Denied d -> d.credentials() ? "CloudCredentialsRejected" : "CloudPermissionDenied";
      case Transient _ -> "CloudUnavailable";
      case Invalid _ -> "CloudRequestInvalid";
    };
  }

  /** The condition message: what happened and what a person can do about it. */
  default String message() {
    String advice =
        switch (this) {
          case Throttled _ -> "waiting; the request rate has been lowered";
          case Exhausted e ->
              switch (e.scope()) {
                case ExhaustedScope.Subnet s ->
                    s.subnet()
                        + " has no free address; add a subnet to the profile, or lower the max pods"
                        + " of its nodes";
                case ExhaustedScope.FragmentedSubnet s ->
                    s.subnet() + " has no whole free block; single addresses are used meanwhile";
                case ExhaustedScope.Interface i -> i.interfaceId() + " holds all it can";
                case ExhaustedScope.Machine m ->
                    m.instance() + " holds all the interfaces or addresses its type allows";
                case ExhaustedScope.Quota q -> "raise the quota " + q.name();
              };
          case NotFound n -> n.what() + " is gone; looking again";
          case Conflict _ -> "looking again";
          case Denied d ->
              d.credentials()
                  ? "give the controller valid credentials"
                  : "grant the controller's role this permission";
          case Transient _ -> "trying again";
          case Invalid _ -> "check the profile; the request cannot succeed as it is";
        };
    return detail() + ": " + advice;
  }
}
