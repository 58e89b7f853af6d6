package io.portolan.aws;

import io.portolan.aws.ec2.Ec2Api;
import io.portolan.aws.ec2.Ec2Interface;
import io.portolan.aws.ec2.Ec2Reply;
import io.portolan.aws.ec2.InterfaceQuery;
import io.portolan.aws.ec2.Listing;
import io.portolan.common.cloud.InterfaceId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Waits until attaching or detaching is over: EC2 answers both calls when they begin.
 *
 * <p>Asks with growing pauses: two or three requests for a usual attachment, so that the attaching
 * bucket (5 a second) empties before the reading one (20 a second) does.
 */
final class EniSettling {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final Ec2Api ec2;
  private final InstantSource clock;
  private final Pause pause;
  private final Duration patience;

  /** Lets time pass for the calling thread. */
  interface Pause {
    void pause(Duration duration) throws InterruptedException;
  }

  EniSettling(Ec2Api ec2, InstantSource clock, Pause pause, Duration patience) {
    this.ec2 = ec2;
    this.clock = clock;
    this.pause = pause;
    this.patience = patience;
  }

  /** Whether {@code id} came to hang on an instance within the patience. */
  boolean attached(InterfaceId id) {
    return settled(
        id,
        eni ->
            eni.flatMap(Ec2Interface::attachment)
                .filter(a -> a.state() == Ec2Interface.Attachment.State.ATTACHED)
                .isPresent());
  }

  /** Whether {@code id} came to hang on nothing, or to be gone, within the patience. */
  boolean detached(InterfaceId id) {
    return settled(id, eni -> eni.flatMap(Ec2Interface::attachment).isEmpty());
  }

  private boolean settled(InterfaceId id, Predicate<Optional<Ec2Interface>> goal) {
    Instant end = clock.instant().plus(patience);
    Duration wait = FIRST_PAUSE;
    while (true) {
      // A reply that fails says nothing; the next one may.
      if (ec2.describeInterfaces(new InterfaceQuery.ById(id.value()))
              instanceof Ec2Reply.Done<Listing<Ec2Interface>>(Listing<Ec2Interface> listing)
          && goal.test(listing.items().stream().findFirst())) {
        return true;
      }
      if (!clock.instant().plus(wait).isBefore(end)) {
        return false;
      }
      try {
        pause.pause(wait);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
      wait =
          wait.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? wait.multipliedBy(2) : LONGEST_PAUSE;
    }
  }
}
