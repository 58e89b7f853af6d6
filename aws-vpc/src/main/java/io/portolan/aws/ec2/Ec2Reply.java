package io.portolan.aws.ec2;

import java.util.function.Function;

/**
 * The answer to one EC2 call.
 *
 * @param <T> what a successful call says
 */
public sealed interface Ec2Reply<T> {

  /** EC2 did it. */
  record Done<T>(T value) implements Ec2Reply<T> {}

  /** EC2 refused, or its answer never arrived or could not be read. */
  record Failed<T>(Ec2Error error) implements Ec2Reply<T> {
    /** The same failure as the answer to a larger question. */
    public <U> Failed<U> as() {
      return new Failed<>(error);
    }
  }

  /** What a call says that only acknowledges. */
  enum Nothing {
    NOTHING
  }

  /** The same answer about something derived from it. */
  default <U> Ec2Reply<U> map(Function<? super T, ? extends U> function) {
    return switch (this) {
      case Done<T> done -> new Done<>(function.apply(done.value()));
      case Failed<T> failed -> failed.as();
    };
  }

  /** Asks on with a successful answer; stops at the first failure. */
  default <U> Ec2Reply<U> then(Function<? super T, Ec2Reply<U>> next) {
    return switch (this) {
      case Done<T> done -> next.apply(done.value());
      case Failed<T> failed -> failed.as();
    };
  }
}
