package io.portolan.aws.ec2;

import io.portolan.common.cloud.CloudFault;
import io.portolan.common.cloud.CloudOutcome;
import io.portolan.common.cloud.ExhaustedScope;
import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.InterfaceId;
import io.portolan.common.cloud.SubnetId;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Judges EC2's errors. Pure.
 *
 * <p>EC2 has several spellings for one condition and one spelling ({@code InvalidParameterValue})
 * for many; what a code means also depends on what was asked. The codes are those of the EC2 API
 * reference, "Error codes", and of the issues of amazon-vpc-cni-k8s and Cilium in which they were
 * met.
 */
public final class Ec2Faults {
  private static final Set<String> THROTTLED =
      Set.of(
          "RequestLimitExceeded",
          "RequestThrottled",
          "RequestThrottledException",
          "Throttling",
          "ThrottlingException",
          "ThrottledException",
          "EC2ThrottledException",
          "TooManyRequestsException",
          "BandwidthLimitExceeded",
          "SlowDown");

  /** The credentials themselves are missing, wrong or too old. */
  private static final Set<String> BAD_CREDENTIALS =
      Set.of(
          "AuthFailure",
          "ExpiredToken",
          "ExpiredTokenException",
          "IncompleteSignature",
          "InvalidClientTokenId",
          "InvalidSecurity",
          "InvalidAccessKeyId",
          "MissingAuthenticationToken",
          "RequestExpired",
          "RequestTimeTooSkewed",
          "SignatureDoesNotMatch",
          "UnrecognizedClientException");

  private static final Set<String> FORBIDDEN =
      Set.of(
          "AccessDenied",
          "AccessDeniedException",
          "Blocked",
          "OptInRequired",
          "PendingVerification",
          "UnauthorizedOperation");

  private static final Set<String> CONFLICTS =
      Set.of(
          "ConcurrentTagAccess",
          "DependencyViolation",
          "IdempotentParameterMismatch",
          "IncorrectInstanceState",
          "IncorrectState",
          "InvalidIPAddress.InUse",
          "InvalidNetworkInterface.InUse",
          "OperationNotPermitted",
          "PriorRequestNotComplete",
          "ResourceInUse");

  private static final Pattern RESOURCE_ID =
      Pattern.compile("\\b[a-z]+(-[a-z]+)*-[0-9a-f]{8,17}\\b");

  private Ec2Faults() {}

  /**
   * What a call was about, because a fault names it.
   *
   * @param request the call in one line
   * @param subnet where addresses were to come from
   * @param interfaceId the ENI to be changed
   * @param instance the machine to be changed
   * @param prefixes whether whole /28 blocks were asked for
   */
  public record Subject(
      String request,
      Optional<SubnetId> subnet,
      Optional<InterfaceId> interfaceId,
      Optional<InstanceId> instance,
      boolean prefixes) {
    public static Subject of(String request) {
      return new Subject(request, Optional.empty(), Optional.empty(), Optional.empty(), false);
    }

    public Subject in(SubnetId id) {
      return new Subject(request, Optional.of(id), interfaceId, instance, prefixes);
    }

    public Subject on(InterfaceId id) {
      return new Subject(request, subnet, Optional.of(id), instance, prefixes);
    }

    public Subject of(InstanceId id) {
      return new Subject(request, subnet, interfaceId, Optional.of(id), prefixes);
    }

    public Subject forPrefixes(boolean wanted) {
      return new Subject(request, subnet, interfaceId, instance, wanted);
    }
  }

  /** The outcome of a changing call that failed. */
  public static CloudOutcome outcome(Ec2Error error, Subject subject) {
    // A throttled request comes with status 503 but was certainly not performed.
    if (error.effectUnknown() && !THROTTLED.contains(error.code())) {
      return new CloudOutcome.Unknown(error.toString());
    }
    return new CloudOutcome.Failed(fault(error, subject));
  }

  /** The fault behind an error, taking for granted that the call had no effect. */
  public static CloudFault fault(Ec2Error error, Subject subject) {
    return switch (error.kind()) {
      case REFUSED -> refused(error, subject);
      case NO_CREDENTIALS ->
          new CloudFault.Denied(detail("NoCredentials", error.message(), subject), true);
      case NOT_SENT ->
          new CloudFault.Transient(
              detail(
                  "EndpointUnreachable",
                  error.message() + "; check the region, --ec2-endpoint and the network path",
                  subject));
      case NO_REPLY -> new CloudFault.Transient(detail("NoReply", error.message(), subject));
      case UNREADABLE ->
          new CloudFault.Transient(
              detail(
                  "UnreadableReply",
                  error.message() + "; check that the endpoint is really EC2's",
                  subject));
    };
  }

  private static CloudFault refused(Ec2Error error, Subject subject) {
    String code = error.code();
    CloudFault.Detail detail = detail(code, text(error), subject);
    if (THROTTLED.contains(code)) {
      return new CloudFault.Throttled(detail, error.retryAfter());
    }
    if (BAD_CREDENTIALS.contains(code)) {
      return new CloudFault.Denied(detail, true);
    }
    if (FORBIDDEN.contains(code)) {
      return new CloudFault.Denied(detail, false);
    }
    Optional<ExhaustedScope> exhausted = exhausted(error, subject);
    if (exhausted.isPresent()) {
      return new CloudFault.Exhausted(detail, exhausted.get());
    }
    if (code.endsWith(".NotFound") || notAssigned(error)) {
      return new CloudFault.NotFound(detail, missing(error, subject));
    }
    if (CONFLICTS.contains(code) || placeTaken(error) || noSpaceSomewhere(error)) {
      return new CloudFault.Conflict(detail);
    }
    return error.httpStatus() >= 500
        ? new CloudFault.Transient(detail)
        : new CloudFault.Invalid(detail);
  }

  private static Optional<ExhaustedScope> exhausted(Ec2Error error, Subject subject) {
    if (noSpaceSomewhere(error)) {
      return noSpace(subject);
    }
    return switch (error.code()) {
      case "PrivateIpAddressLimitExceeded", "InvalidInterface.IpAddressLimitExceeded" ->
          subject.interfaceId().map(ExhaustedScope.Interface::new);
      case "AttachmentLimitExceeded" -> subject.instance().map(ExhaustedScope.Machine::new);
      case "NetworkInterfaceLimitExceeded" ->
          Optional.of(new ExhaustedScope.Quota("Network interfaces per Region"));
      default ->
          error.code().endsWith("LimitExceeded")
              ? Optional.of(new ExhaustedScope.Quota(error.code()))
              : Optional.empty();
    };
  }

  private static boolean noSpaceSomewhere(Ec2Error error) {
    return switch (error.code()) {
      case "InsufficientFreeAddressesInSubnet", "InsufficientCidrBlocks" -> true;
      case "InvalidParameterValue" ->
          error.message().toLowerCase(Locale.ROOT).contains("sufficient free ipv4 addresses");
      default -> false;
    };
  }

  /**
   * A subnet that refuses a /28 may still have single addresses: fragmented until proven empty. All
   * three spellings come for both kinds of request.
   */
  private static Optional<ExhaustedScope> noSpace(Subject subject) {
    return subject
        .subnet()
        .map(id ->
            subject.prefixes()
                ? new ExhaustedScope.FragmentedSubnet(id)
                : new ExhaustedScope.Subnet(id));
  }

  /** Unassigning what is already gone: {@code InvalidParameterValue ... not assigned to}. */
  private static boolean notAssigned(Ec2Error error) {
    return error.code().equals("InvalidParameterValue")
        && error.message().contains("not assigned to");
  }

  /** Attaching where something is: {@code InvalidParameterValue ... device index 1}. */
  private static boolean placeTaken(Ec2Error error) {
    String message = error.message().toLowerCase(Locale.ROOT);
    return error.code().equals("InvalidParameterValue")
        && (message.contains("device index")
            || message.contains("in use")
            || message.contains("already attached"));
  }

  private static String missing(Ec2Error error, Subject subject) {
    Matcher id = RESOURCE_ID.matcher(error.message());
    return id.find()
        ? id.group()
        : subject.interfaceId().map(InterfaceId::value).orElse(error.code());
  }

  private static String text(Ec2Error error) {
    // The encoded authorization message is long, and readable only to AWS.
    int encoded = error.message().indexOf(" Encoded authorization failure message");
    String message = encoded < 0 ? error.message() : error.message().substring(0, encoded);
    return message + error.requestId().map(id -> " [request " + id + "]").orElse("");
  }

  private static CloudFault.Detail detail(String code, String message, Subject subject) {
    return new CloudFault.Detail(code, message, subject.request());
  }
}
