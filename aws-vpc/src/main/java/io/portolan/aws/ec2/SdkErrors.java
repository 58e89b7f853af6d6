package io.portolan.aws.ec2;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/** What went wrong inside the SDK, as an {@link Ec2Error}. */
final class SdkErrors {
  private SdkErrors() {}

  static Ec2Error error(Ec2Action action, SdkException e) {
    if (e instanceof AwsServiceException service) {
      return refused(action, service);
    }
    if (e instanceof ApiCallTimeoutException || e instanceof ApiCallAttemptTimeoutException) {
      return Ec2Error.silent(action, Ec2Error.Kind.NO_REPLY, "no reply in time");
    }
    if (e instanceof AbortedException) {
      return Ec2Error.silent(action, Ec2Error.Kind.NO_REPLY, "interrupted while waiting");
    }
    @Nullable IOException transport = cause(e, IOException.class);
    if (transport != null) {
      // Before a connection stands, EC2 cannot have seen the request.
      boolean unsent =
          transport instanceof ConnectException
              || transport instanceof UnknownHostException
              || transport instanceof NoRouteToHostException;
      return Ec2Error.silent(
          action,
          unsent ? Ec2Error.Kind.NOT_SENT : Ec2Error.Kind.NO_REPLY,
          transport.getClass().getSimpleName() + ": " + transport.getMessage());
    }
    String message = String.valueOf(e.getMessage());
    if (message.contains("redentials") || message.contains("profile")) {
      return Ec2Error.silent(action, Ec2Error.Kind.NO_CREDENTIALS, message);
    }
    return Ec2Error.silent(action, Ec2Error.Kind.UNREADABLE, message);
  }

  static Ec2Error unreadable(Ec2Action action, RuntimeException e) {
    return Ec2Error.silent(action, Ec2Error.Kind.UNREADABLE, String.valueOf(e.getMessage()));
  }

  private static Ec2Error refused(Ec2Action action, AwsServiceException e) {
    @Nullable AwsErrorDetails details = e.awsErrorDetails();
    @Nullable String code = details == null ? null : details.errorCode();
    @Nullable String message = details == null ? null : details.errorMessage();
    Optional<String> request = Optional.ofNullable(e.requestId());
    if (code == null || code.isEmpty()) {
      return new Ec2Error(
          action,
          Ec2Error.Kind.UNREADABLE,
          "",
          "HTTP " + e.statusCode() + " without an EC2 error document",
          e.statusCode(),
          request,
          retryAfter(details));
    }
    return new Ec2Error(
        action,
        Ec2Error.Kind.REFUSED,
        code,
        message == null ? "" : message,
        e.statusCode(),
        request,
        retryAfter(details));
  }

  private static Optional<Duration> retryAfter(@Nullable AwsErrorDetails details) {
    return Optional.ofNullable(details)
        .map(AwsErrorDetails::sdkHttpResponse)
        .flatMap(response -> response.firstMatchingHeader("Retry-After"))
        .filter(value -> value.matches("[0-9]{1,4}"))
        .map(value -> Duration.ofSeconds(Integer.parseInt(value)));
  }

  private static <T extends Throwable> @Nullable T cause(Throwable e, Class<T> type) {
    for (@Nullable Throwable t = e; t != null; t = t.getCause()) {
      if (type.isInstance(t)) {
        return type.cast(t);
      }
    }
    return null;
  }
}
