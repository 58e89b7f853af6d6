package io.portolan.common.resilience;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.portolan.common.cloud.ApiCatalog;
import io.portolan.common.cloud.ApiOperation;
import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.CloudFault;
import io.portolan.common.cloud.CloudNetwork;
import io.portolan.common.cloud.CloudOutcome;
import io.portolan.common.cloud.ObservationScope;
import io.portolan.common.cloud.ObserveOutcome;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * A cloud that is called with care: {@code retry( budget -> breaker -> call -> listener )}.
 *
 * <p>Repeated is only what cannot be done twice. A call that was refused for a passing reason did
 * nothing and may be repeated whatever it is. A call whose answer was lost may be repeated if it
 * carries a token or names exactly what it takes away; assigning by count would assign again, so
 * that outcome stays unknown and is resolved by observing.
 */
public final class GuardedCloudNetwork implements CloudNetwork {
  private final CloudNetwork cloud;
  private final ApiCatalog catalog;
  private final ApiBudget budget;
  private final CallListener listener;
  private final InstantSource time;
  private final Pause pause;
  private final CircuitBreaker breaker;
  private final Retry retry;

  /**
   * @param attempts how often one call is tried, the first time included
   * @param firstDelay before the second attempt; doubled each time, plus up to as much again at
   *     random
   * @param failureRate percent of failed calls that opens the breaker; throttling and refusals are
   *     not failures: the cloud is there and answers
   * @param window calls the failure rate is taken over
   * @param open how long an open breaker lets nothing through
   */
  public record Settings(
      int attempts, Duration firstDelay, float failureRate, int window, Duration open) {
    public static final Settings DEFAULT =
        new Settings(4, Duration.ofMillis(250), 60, 20, Duration.ofSeconds(10));
  }

  public GuardedCloudNetwork(
      CloudNetwork cloud,
      ApiCatalog catalog,
      ApiBudget budget,
      Settings settings,
      CallListener listener,
      InstantSource time,
      Pause pause,
      RandomGenerator random) {
    this.cloud = cloud;
    this.catalog = catalog;
    this.budget = budget;
    this.listener = listener;
    this.time = time;
    this.pause = pause;
    this.breaker =
        CircuitBreaker.of(
            "cloud",
            CircuitBreakerConfig.custom()
                .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                .slidingWindowSize(settings.window())
                .minimumNumberOfCalls(settings.window())
                .failureRateThreshold(settings.failureRate())
                .waitDurationInOpenState(settings.open())
                .permittedNumberOfCallsInHalfOpenState(2)
                .clock(time instanceof Clock clock ? clock : time.withZone(ZoneOffset.UTC))
                .build());
    IntervalFunction doubling = IntervalFunction.ofExponentialBackoff(settings.firstDelay(), 2);
    this.retry =
        Retry.of(
            "cloud",
            RetryConfig.<Object>custom()
                .maxAttempts(settings.attempts())
                .retryOnResult(result -> result instanceof Attempt<?> a && a.again())
                .intervalFunction(attempt -> {
                  long delay = doubling.apply(attempt);
                  return delay + random.nextLong(delay + 1);
                })
                .build());
  }

  /** One answer, and whether asking again is safe and makes sense. */
  private record Attempt<T>(T answer, boolean again) {}

  @Override
  public CloudOutcome execute(CloudAction action) {
    return execute(action, Optional::of).outcome();
  }

  @Override
  public Sent execute(CloudAction planned, Function<CloudAction, Optional<CloudAction>> lastWord) {
    ApiOperation operation = catalog.operation(planned);
    Urgency urgency = urgency(planned);
    Sending sending = new Sending(planned, lastWord);
    CloudOutcome outcome =
        repeat(() -> {
          CloudOutcome answer = once(operation, urgency, sending);
          CloudAction action = sending.action;
          if (sending.answerLost && done(action, answer)) {
            return new Attempt<>(CloudOutcome.Applied.PLAIN, false);
          }
          sending.answerLost |= answer instanceof CloudOutcome.Unknown;
          // A refusal now says nothing of the attempt whose answer was lost.
          CloudOutcome honest =
              sending.answerLost && answer instanceof CloudOutcome.Failed failed
                  ? new CloudOutcome.Unknown("answer lost, then " + failed.fault().reason())
                  : answer;
          return new Attempt<>(honest, again(action, answer));
        });
    return new Sent(sending.action, outcome);
  }

  /** One action on its way: what it is once it has left does not change any more. */
  private static final class Sending {
    private final Function<CloudAction, Optional<CloudAction>> lastWord;
    CloudAction action;
    boolean left;
    boolean answerLost;

    Sending(CloudAction planned, Function<CloudAction, Optional<CloudAction>> lastWord) {
      this.action = planned;
      this.lastWord = lastWord;
    }

    /** Whether the action leaves. */
    boolean leave() {
      if (!left) {
        Optional<CloudAction> last = lastWord.apply(action);
        left = last.isPresent();
        action = last.orElse(action);
      }
      return left;
    }
  }

  @Override
  public ObserveOutcome observe(ObservationScope scope) {
    return repeat(() -> {
      ObserveOutcome outcome = once(scope);
      boolean again = outcome instanceof ObserveOutcome.Failed(CloudFault fault) && passing(fault);
      return new Attempt<>(outcome, again);
    });
  }

  private <T> T repeat(Supplier<Attempt<T>> call) {
    Retry.AsyncContext<Object> attempts = retry.asyncContext();
    while (true) {
      Attempt<T> attempt = call.get();
      long delay = attempts.onResult(attempt);
      if (delay < 0 || !sleep(Duration.ofMillis(delay))) {
        return attempt.answer();
      }
    }
  }

  private CloudOutcome once(ApiOperation operation, Urgency urgency, Sending sending) {
    Duration waited;
    try {
      waited = budget.acquire(operation, urgency);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new CloudOutcome.Failed(unsent("Interrupted", operation));
    }
    if (!breaker.tryAcquirePermission()) {
      return new CloudOutcome.Failed(unsent("CircuitOpen", operation));
    }
    if (!sending.leave()) {
      breaker.releasePermission();
      return CloudOutcome.Failed.WITHDRAWN;
    }
    Instant start = time.instant();
    CloudOutcome outcome = cloud.execute(sending.action);
    Duration took = Duration.between(start, time.instant());
    boolean failure =
        switch (outcome) {
          case CloudOutcome.Applied _ -> false;
          case CloudOutcome.Unknown _ -> true;
          case CloudOutcome.Failed failed -> failed.fault() instanceof CloudFault.Transient;
        };
    tellBreaker(failure, took);
    if (outcome instanceof CloudOutcome.Failed(CloudFault.Throttled throttled)) {
      budget.throttled(operation, throttled.retryAfter().orElse(Duration.ZERO));
    }
    listener.called(operation, result(outcome), waited, took);
    return outcome;
  }

  private ObserveOutcome once(ObservationScope scope) {
    Map<ApiOperation, Integer> planned = catalog.observation(scope);
    Duration waited = Duration.ZERO;
    try {
      for (Map.Entry<ApiOperation, Integer> each : planned.entrySet()) {
        for (int i = 0; i < each.getValue(); i++) {
          waited = waited.plus(budget.acquire(each.getKey(), Urgency.DESCRIBE));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new ObserveOutcome.Failed(unsent("Interrupted", new ApiOperation("observe")));
    }
    if (!breaker.tryAcquirePermission()) {
      return new ObserveOutcome.Failed(unsent("CircuitOpen", new ApiOperation("observe")));
    }
    Instant start = time.instant();
    ObserveOutcome outcome = cloud.observe(scope);
    Duration took = Duration.between(start, time.instant());
    switch (outcome) {
      case ObserveOutcome.Observed observed -> {
        tellBreaker(false, took);
        for (Map.Entry<ApiOperation, Integer> made : observed.calls().entrySet()) {
          int more = made.getValue() - planned.getOrDefault(made.getKey(), 0);
          if (more > 0) {
            budget.charge(made.getKey(), more);
          }
          listener.called(made.getKey(), "Observed", waited, took);
        }
      }
      case ObserveOutcome.Failed failed -> {
        tellBreaker(failed.fault() instanceof CloudFault.Transient, took);
        for (ApiOperation operation : planned.keySet()) {
          if (failed.fault() instanceof CloudFault.Throttled throttled) {
            budget.throttled(operation, throttled.retryAfter().orElse(Duration.ZERO));
          }
          listener.called(operation, failed.fault().reason(), waited, took);
        }
      }
    }
    return outcome;
  }

  private void tellBreaker(boolean failure, Duration took) {
    if (failure) {
      breaker.onError(took.toNanos(), TimeUnit.NANOSECONDS, new CloudDoesNotAnswer());
    } else {
      breaker.onSuccess(took.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** The breaker counts exceptions; this one is never thrown. */
  private static final class CloudDoesNotAnswer extends RuntimeException {
    private static final long serialVersionUID = 1;

    CloudDoesNotAnswer() {
      super(null, null, false, false);
    }
  }

  private static boolean again(CloudAction action, CloudOutcome outcome) {
    return switch (outcome) {
      case CloudOutcome.Applied _ -> false;
      case CloudOutcome.Unknown _ -> repeatable(action);
      case CloudOutcome.Failed failed ->
          !failed.equals(CloudOutcome.Failed.WITHDRAWN) && passing(failed.fault());
    };
  }

  /** Whether repeating after a lost answer cannot do the thing twice. */
  private static boolean repeatable(CloudAction action) {
    return switch (action) {
      case CloudAction.CreateInterface _,
          CloudAction.DeleteWithMachine _,
          CloudAction.DetachInterface _,
          CloudAction.DeleteInterface _ ->
          true;
      // By name, yet an address may meanwhile be assigned again: looking is safer.
      case CloudAction.Unassign _,
          CloudAction.AttachInterface _,
          CloudAction.AssignAddresses _,
          CloudAction.AssignPrefixes _,
          CloudAction.AssignNodeCidr _,
          CloudAction.ReleaseNodeCidr _ ->
          false;
    };
  }

  /** What a repeated deletion is answered when the lost one had worked. */
  private static boolean done(CloudAction action, CloudOutcome outcome) {
    return action instanceof CloudAction.DeleteInterface
        && outcome instanceof CloudOutcome.Failed(CloudFault.NotFound _);
  }

  private static boolean passing(CloudFault fault) {
    return switch (fault) {
      case CloudFault.Throttled _, CloudFault.Transient _ -> true;
      case CloudFault.Exhausted _,
          CloudFault.NotFound _,
          CloudFault.Conflict _,
          CloudFault.Denied _,
          CloudFault.Invalid _ ->
          false;
    };
  }

  private static Urgency urgency(CloudAction action) {
    return switch (action) {
      case CloudAction.CreateInterface _,
          CloudAction.AttachInterface _,
          CloudAction.AssignAddresses _,
          CloudAction.AssignPrefixes _,
          CloudAction.AssignNodeCidr _ ->
          Urgency.ASSIGN;
      case CloudAction.DeleteWithMachine _,
          CloudAction.Unassign _,
          CloudAction.DetachInterface _,
          CloudAction.DeleteInterface _,
          CloudAction.ReleaseNodeCidr _ ->
          Urgency.RELEASE;
    };
  }

  private static String result(CloudOutcome outcome) {
    return switch (outcome) {
      case CloudOutcome.Applied _ -> "Applied";
      case CloudOutcome.Unknown _ -> "Unknown";
      case CloudOutcome.Failed failed -> failed.fault().reason();
    };
  }

  private static CloudFault unsent(String code, ApiOperation operation) {
    return new CloudFault.Transient(new CloudFault.Detail(code, "not sent", operation.value()));
  }

  private boolean sleep(Duration time) {
    try {
      pause.sleep(time);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
