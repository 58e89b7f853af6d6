package io.portolan.sim.ec2;

import io.portolan.sim.ec2.action.Actions;
import io.portolan.sim.ec2.action.Element;
import io.portolan.sim.ec2.action.Outcome;
import io.portolan.sim.ec2.action.Query;
import io.portolan.sim.ec2.action.Region;
import io.portolan.sim.ec2.action.Turn;
import io.portolan.sim.ec2.model.AddressOrder;
import io.portolan.sim.ec2.model.Ec2Error;
import io.portolan.sim.ec2.model.Ec2Refusal;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.InstanceTypes;
import io.portolan.sim.ec2.model.Passage;
import io.portolan.sim.ec2.model.Transition;
import io.portolan.sim.fault.DelayRange;
import io.portolan.sim.fault.Fault;
import io.portolan.sim.fault.FaultInjector;
import io.portolan.sim.time.SimTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One simulated account and region: owns the state, and lets one call at a time turn it into the
 * next.
 *
 * <pre>
 *   call ──> faults ──> buckets ──> Actions.perform(state, parameters, now, seed) ──> new state
 *                                                                                       │
 *            listeners <── VpcView <── Passage.settle <── agenda <───────────────────────┘
 * </pre>
 *
 * Callable from any thread. The lock guards computation only; listeners are told outside of it.
 */
public final class Ec2World {
  /**
   * What a world is made of.
   *
   * @param seed of ids, MAC addresses, and scattered addresses
   */
  public record Options(
      Region region, String account, long seed, InstanceTypes types, AddressOrder order) {
    public static final Options DEFAULT =
        new Options(
            new Region("us-east-1"),
            "123456789012",
            1,
            InstanceTypes.bundled(),
            AddressOrder.LOWEST);

    public Options {
      if (!account.matches("[0-9]{12}")) {
        throw new IllegalArgumentException("account: '" + account + "' is not 12 digits");
      }
    }

    public Options withSeed(long changed) {
      return new Options(region, account, changed, types, order);
    }

    public Options withRegion(String changed) {
      return new Options(new Region(changed), account, seed, types, order);
    }

    public Options withOrder(AddressOrder changed) {
      return new Options(region, account, seed, types, changed);
    }
  }

  private final Options options;
  private final SimTime time;
  private final ViewFeed feed = new ViewFeed(() -> this.view);

  private final ReentrantLock owner = new ReentrantLock();
  private final History history = new History();
  private final CallLog log = new CallLog();
  private RequestBuckets buckets = new RequestBuckets();
  private Ec2Behavior behavior = Ec2Behavior.PROMPT;
  private FaultInjector faults = new FaultInjector(behavior.faults());
  private Ec2State state = Ec2State.EMPTY;
  private Optional<Instant> wakeUp = Optional.empty();
  private long requests;
  private volatile VpcView view = new VpcView(0, Ec2State.EMPTY);

  public Ec2World(Options options, SimTime time) {
    this.options = options;
    this.time = time;
    history.add(time.instant(), state, Duration.ZERO);
  }

  public Options options() {
    return options;
  }

  public SimTime time() {
    return time;
  }

  /** The newest state, whatever the lags. */
  public VpcView view() {
    tick();
    return view;
  }

  /** The state as instances see it through their metadata service. */
  public Ec2State metadataState() {
    return locked(() -> stateForReading(behavior.imdsLag()));
  }

  public Calls calls() {
    return locked(log::snapshot);
  }

  public Ec2Behavior behavior() {
    return locked(() -> behavior);
  }

  /** Behaves differently from now on: full buckets, and faults from the beginning of their plan. */
  public void behave(Ec2Behavior changed) {
    owner.lock();
    try {
      behavior = changed;
      faults = new FaultInjector(changed.faults());
      buckets = new RequestBuckets();
    } finally {
      owner.unlock();
    }
  }

  /**
   * Tells {@code listener} the view of now and of every change from now on, one at a time and in
   * order; of changes in quick succession perhaps only the last. It is told on the thread that made
   * the change, before that thread gets its reply.
   *
   * @return stops telling it
   */
  public Runnable subscribe(Consumer<VpcView> listener) {
    return feed.subscribe(listener);
  }

  /**
   * Calls an operation.
   *
   * @param parameters as in the Query API: {@code SubnetId}, {@code Filter.1.Name}
   */
  public Reply call(String action, Map<String, String> parameters) {
    Reply reply = locked(() -> answer(action, parameters));
    feed.deliver();
    return reply;
  }

  /**
   * Calls an operation that must succeed, for setting a world up.
   *
   * @param namesAndValues parameters, alternating
   * @return the answer's parts under one node
   * @throws IllegalStateException if it is refused or lost
   */
  public Element run(String action, String... namesAndValues) {
    Map<String, String> parameters = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      parameters.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return switch (call(action, parameters).content()) {
      case Reply.Answer answer -> Element.node(action + "Response", answer.elements());
      case Reply.Refused refused ->
          throw new IllegalStateException(action + ": " + refused.error());
      case Reply.Nothing _ -> throw new IllegalStateException(action + ": the reply was lost");
      case Reply.Garbage _ -> throw new IllegalStateException(action + ": the reply was garbage");
    };
  }

  /** Counts a request that was refused before it became a call. */
  void refused(String action, Ec2Error error) {
    locked(() -> {
      log.add(time.instant(), action, error.code());
      return error;
    });
  }

  private Reply answer(String action, Map<String, String> parameters) {
    Instant now = time.instant();
    settle(now);
    requests++;
    Duration delay = faults.latency();
    Optional<Fault> fault = faults.next(action);
    if (fault.orElse(null) instanceof Fault.Slow slow) {
      delay = delay.plus(faults.draw(slow.delay()));
    }
    Reply.Content content =
        switch (fault.orElse(null)) {
          case null -> perform(action, parameters, now);
          case Fault.Slow _ -> perform(action, parameters, now);
          case Fault.LostReply _ -> {
            perform(action, parameters, now);
            log.add(now, action, "lost-reply");
            yield new Reply.Nothing();
          }
          case Fault.LostRequest _ -> {
            log.add(now, action, "lost-request");
            yield new Reply.Nothing();
          }
          case Fault.Garbage _ -> {
            log.add(now, action, "garbage");
            yield new Reply.Garbage();
          }
          case Fault.Refusal refusal ->
              refusal(
                  action, now, new Ec2Error(refusal.code(), refusal.status(), refusal.message()));
        };
    return new Reply(requestId(), delay, content);
  }

  private Reply.Content perform(String action, Map<String, String> parameters, Instant now) {
    if (behavior.throttling() && !buckets.take(action, isNarrowed(parameters), now)) {
      return refusal(
          action, now, new Ec2Error("RequestLimitExceeded", 503, "Request limit exceeded."));
    }
    boolean read = Actions.isRead(action);
    Ec2State seen = read ? stateForReading(behavior.describeLag()) : state;
    try {
      Outcome outcome = Actions.perform(action, Query.of(parameters), turn(seen, now));
      log.add(now, action, Calls.OK);
      if (!read) {
        commit(now, outcome.state());
      }
      return new Reply.Answer(outcome.answer());
    } catch (Ec2Refusal refusal) {
      return refusal(action, now, refusal.error());
    }
  }

  private Reply.Refused refusal(String action, Instant now, Ec2Error error) {
    log.add(now, action, error.code());
    return new Reply.Refused(error);
  }

  private Turn turn(Ec2State seen, Instant now) {
    return new Turn(
        seen,
        now,
        random(seen.serial()),
        new Turn.Place(options.region(), options.account(), options.types(), options.order()),
        new Turn.Conduct(
            faults.draw(behavior.attach()),
            faults.draw(behavior.detach()),
            faults.draw(behavior.launch()),
            faults.draw(behavior.terminate()),
            behavior.exhaustion()));
  }

  /**
   * Not the golden-ratio multiplier that SplittableRandom itself steps by, or the sequences of
   * neighbouring serials would be the same ones shifted, and ids would repeat.
   */
  private SplittableRandom random(long serial) {
    return new SplittableRandom(options.seed() + serial * 0xD1342543DE82EF95L);
  }

  private String requestId() {
    SplittableRandom random = new SplittableRandom(options.seed() ^ ~requests);
    return new UUID(random.nextLong(), random.nextLong()).toString();
  }

  /** "Unfiltered and unpaginated" in AWS's table; naming ids narrows a listing just as well. */
  private static boolean isNarrowed(Map<String, String> parameters) {
    return parameters.keySet().stream()
        .anyMatch(key ->
            key.startsWith("Filter.")
                || key.equals("MaxResults")
                || key.equals("NextToken")
                || key.contains("Id."));
  }

  private Ec2State stateForReading(DelayRange lag) {
    Instant now = time.instant();
    settle(now);
    Duration age = faults.draw(lag);
    return age.isZero() ? state : history.at(now.minus(age));
  }

  private void commit(Instant now, Ec2State changed) {
    state = changed;
    settle(now);
    remember(now);
  }

  /**
   * Lets everything happen that is due; what changed by itself is remembered as of its own time.
   */
  private void settle(Instant now) {
    if (Passage.isDue(state, now)) {
      state = Passage.settle(state, now);
      remember(now);
    }
  }

  private void remember(Instant now) {
    history.add(now, state, longer(behavior.describeLag().max(), behavior.imdsLag().max()));
    if (state.resources() != view.state().resources()) {
      view = new VpcView(view.revision() + 1, state);
    }
    Optional<Instant> next = state.next().map(Transition::at);
    if (next.isPresent() && !next.equals(wakeUp)) {
      wakeUp = next;
      time.schedule(next.get(), this::tick);
    }
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) >= 0 ? a : b;
  }

  private void tick() {
    locked(() -> {
      settle(time.instant());
      return state;
    });
    feed.deliver();
  }

  private <T> T locked(Supplier<T> computation) {
    owner.lock();
    try {
      return computation.get();
    } finally {
      owner.unlock();
    }
  }
}
