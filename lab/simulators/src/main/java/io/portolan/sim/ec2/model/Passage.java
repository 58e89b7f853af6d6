package io.portolan.sim.ec2.model;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What the passing of time does to a state. */
public final class Passage {
  /** How long EC2 lists an instance after its end ("usually within an hour", EC2 user guide). */
  private static final Duration REMEMBERED = Duration.ofHours(1);

  private Passage() {}

  /** The state after everything that is due by {@code now} has happened, in order. */
  public static Ec2State settle(Ec2State state, Instant now) {
    Ec2State settled = state;
    for (Optional<Transition> next = due(settled, now);
        next.isPresent();
        next = due(settled, now)) {
      settled = happen(settled.without(next.get()), next.get());
    }
    return settled;
  }

  /** Whether anything is due by {@code now}. */
  public static boolean isDue(Ec2State state, Instant now) {
    return due(state, now).isPresent();
  }

  private static Optional<Transition> due(Ec2State state, Instant now) {
    return state.next().filter(t -> !t.at().isAfter(now));
  }

  private static Ec2State happen(Ec2State state, Transition transition) {
    ResourceId subject = transition.subject();
    return switch (transition.kind()) {
      case ATTACHED -> attached(state, subject);
      case DETACHED -> detached(state, subject);
      case RUNNING -> running(state, subject);
      case TERMINATED -> terminated(state, subject, transition.at());
      case FORGOTTEN -> state.without(subject);
    };
  }

  private static Ec2State attached(Ec2State state, ResourceId attachment) {
    return state
        .interfaceByAttachment(attachment)
        .flatMap(i ->
            i.attachment()
                .filter(a -> a.phase() == Attachment.Phase.ATTACHING)
                .map(a -> i.with(Optional.of(a.with(Attachment.Phase.ATTACHED)))))
        .map(state::with)
        .orElse(state);
  }

  private static Ec2State detached(Ec2State state, ResourceId attachment) {
    return state
        .interfaceByAttachment(attachment)
        .map(i -> state.with(i.with(Optional.empty())))
        .orElse(state);
  }

  private static Ec2State running(Ec2State state, ResourceId id) {
    return state
        .find(id)
        .map(Instance.class::cast)
        .filter(i -> i.state() == Instance.State.PENDING)
        .map(i -> state.with(i.with(Instance.State.RUNNING)))
        .orElse(state);
  }

  /**
   * Interfaces with DeleteOnTermination go with the instance; the others become available (EC2 user
   * guide, "Elastic network interfaces").
   */
  private static Ec2State terminated(Ec2State state, ResourceId id, Instant at) {
    Ec2State after = state;
    for (NetworkInterface i : state.interfacesOf(id)) {
      after =
          i.attachment().orElseThrow().deleteOnTermination()
              ? after.withoutInterface(i)
              : after.with(i.with(Optional.empty()));
    }
    return after
        .with(after.instance(id).with(Instance.State.TERMINATED))
        .later(at, REMEMBERED, id, Transition.Kind.FORGOTTEN);
  }
}
