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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
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
  /**
   * Pods come to a new node in a burst of some seconds; where requests are scarce, one is enough.
   */
  private static final Duration GATHER = Duration.ofSeconds(10);

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
    List<Candidate> one = List.of(new Candidate(action, 0, false));
    return executeFirst(() -> one).outcome();
  }

  @Override
  public Sent executeFirst(Supplier<List<Candidate>> candidates) {
    Sending sending = new Sending(candidates);
    CloudOutcome outcome =
        repeat(() -> {
          CloudOutcome answer = once(sending);
          if (sending.left.isEmpty()) {
            return new Attempt<>(answer, again(answer));
          }
          CloudAction action = sending.left.get().action();
          if (sending.answerLost && done(action, answer)) {
            return new Attempt<>(CloudOutcome.Applied.PLAIN, false);
          }
          sending.answerLost |= answer instanceof CloudOutcome.Unknown;
          // A refusal now says nothing of the attempt whose answer was lost.
          CloudOutcome honest =
              sending.answerLost && answer instanceof CloudOutcome.Failed failed
                  ? new CloudOutcome.Unknown("answer lost, then " + failed.fault().reason())
                  : answer;
          return new Attempt<>(
              honest, answer instanceof CloudOutcome.Unknown ? repeatable(action) : again(answer));
        });
    return new Sent(sending.left.map(Candidate::action), outcome);
  }

  /** Actions that wait, of which one leaves: what it is then does not change any more. */
  private static final class Sending {
    private final Supplier<List<Candidate>> candidates;
    private List<Candidate> now = List.of();
    Optional<Candidate> left = Optional.empty();
    boolean answerLost;

    Sending(Supplier<List<Candidate>> candidates) {
      this.candidates = candidates;
    }

    /** Those that may leave, as of now. */
    List<Candidate> ask() {
      now = left.map(List::of).orElseGet(candidates);
      return now;
    }

    /** The one of those last asked for whose turn has come leaves. */
    CloudAction leave(int index) {
      left = Optional.of(now.get(index));
      return left.get().action();
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

  private CloudOutcome once(Sending sending) {
    Optional<ApiBudget.Granted> turn;
    try {
      turn = budget.acquireFirst(() -> sending.ask().stream().map(this::want).toList());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new CloudOutcome.Failed(unsent("Interrupted", new ApiOperation("execute")));
    }
    if (turn.isEmpty()) {
      return CloudOutcome.Failed.WITHDRAWN;
    }
    ApiBudget.Granted granted = turn.get();
    ApiOperation operation = catalog.operation(sending.now.get(granted.index()).action());
    if (!breaker.tryAcquirePermission()) {
      budget.giveBack(operation);
      return new CloudOutcome.Failed(unsent("CircuitOpen", operation));
    }
    Instant start = time.instant();
    CloudOutcome outcome = cloud.execute(sending.leave(granted.index()));
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
    listener.called(operation, outcome.label(), granted.waited(), took);
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

  private ApiBudget.Want want(Candidate candidate) {
    CloudAction action = candidate.action();
    return new ApiBudget.Want(
        catalog.operation(action),
        urgency(action).handicap(candidate.pods()),
        candidate.mayGrow() ? GATHER : Duration.ZERO);
  }

  /** Whether asking again is safe and makes sense when nothing is open. */
  private static boolean again(CloudOutcome outcome) {
    return outcome instanceof CloudOutcome.Failed(CloudFault fault)
        && !outcome.equals(CloudOutcome.Failed.WITHDRAWN)
        && passing(fault);
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
