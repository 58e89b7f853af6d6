package io.portolan.sim.ec2.action;

import io.portolan.sim.ec2.model.Ec2Error;
import io.portolan.sim.ec2.model.RememberedAnswer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** All operations by name, and what is common to them: dry runs and client tokens. */
public final class Actions {
  private static final SortedMap<String, Action> ALL = collect();

  /** Parameters that do not tell two requests under one client token apart. */
  private static final String[] NOT_IDENTITY = {"ClientToken", "DryRun"};

  private static final Set<String> IDEMPOTENT = Set.of("CreateNetworkInterface", "RunInstances");

  /** What was asked and answered under a client token. */
  private record Remembered(String fingerprint, List<Element> answer) implements RememberedAnswer {}

  private Actions() {}

  /** The names of all modelled operations. */
  public static Set<String> names() {
    return ALL.keySet();
  }

  /** Whether the operation only reads, and so may be answered from an old state. */
  public static boolean isRead(String action) {
    return action.startsWith("Describe") || action.startsWith("Get");
  }

  /**
   * Performs an operation.
   *
   * @throws io.portolan.sim.ec2.model.Ec2Refusal if EC2 would refuse; nothing has changed then
   */
  public static Outcome perform(String name, Query query, Turn turn) {
    Action action = ALL.get(name);
    if (action == null) {
      throw new Ec2Error(
              "InvalidAction", "The action " + name + " is not valid for this web service.")
          .refusal();
    }
    boolean dryRun = query.flag("DryRun");
    Optional<String> token =
        (IDEMPOTENT.contains(name) ? query.text("ClientToken") : Optional.<String>empty())
            .filter(t -> !t.isEmpty())
            .map(t -> name + " " + t);
    Optional<Outcome> earlier = token.flatMap(t -> replay(t, query, turn));
    Outcome outcome = earlier.orElseGet(() -> action.perform(query, turn));
    if (earlier.isEmpty()) {
      query.refuseUnknown();
    }
    if (dryRun) {
      throw new Ec2Error(
              "DryRunOperation", 412, "Request would have succeeded, but DryRun flag is set.")
          .refusal();
    }
    return earlier.isPresent() || token.isEmpty()
        ? outcome
        : new Outcome(
            outcome
                .state()
                .withToken(
                    token.get(), new Remembered(query.fingerprint(NOT_IDENTITY), outcome.answer())),
            outcome.answer());
  }

  /** EC2 developer guide, "Ensuring idempotency": the same answer again, or a mismatch. */
  private static Optional<Outcome> replay(String token, Query query, Turn turn) {
    return turn.state()
        .tokens()
        .get(token)
        .map(Remembered.class::cast)
        .map(remembered -> {
          if (!remembered.fingerprint().equals(query.fingerprint(NOT_IDENTITY))) {
            throw new Ec2Error(
                    "IdempotentParameterMismatch",
                    "The client token you have provided is already associated with a resource"
                        + " and its parameters do not match.")
                .refusal();
          }
          return new Outcome(turn.state(), remembered.answer());
        });
  }

  private static SortedMap<String, Action> collect() {
    SortedMap<String, Action> all = new TreeMap<>();
    for (Map<String, Action> some :
        List.of(
            VpcActions.ALL,
            SubnetActions.ALL,
            ReservationActions.ALL,
            GroupActions.ALL,
            CatalogActions.ALL,
            InstanceActions.ALL,
            InterfaceActions.ALL,
            AttachmentActions.ALL,
            AddressActions.ALL,
            Ipv6Actions.ALL,
            TagActions.ALL)) {
      all.putAll(some);
    }
    return Collections.unmodifiableSortedMap(all);
  }
}
