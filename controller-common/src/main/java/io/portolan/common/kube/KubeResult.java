package io.portolan.common.kube;

import java.util.Optional;
import java.util.function.Function;

/** The answer to a call: what was asked for, or why not. */
public sealed interface KubeResult<T> {
  /** It worked. */
  record Ok<T>(T value) implements KubeResult<T> {}

  /** It did not. */
  record Failed<T>(KubeFault fault) implements KubeResult<T> {}

  default <R> KubeResult<R> map(Function<? super T, ? extends R> function) {
    return switch (this) {
      case Ok<T>(T value) -> new Ok<>(function.apply(value));
      case Failed<T>(KubeFault fault) -> new Failed<>(fault);
    };
  }

  /** The value, if there is one. */
  default Optional<T> toOptional() {
    return switch (this) {
      case Ok<T>(T value) -> Optional.of(value);
      case Failed<T>(KubeFault _) -> Optional.empty();
    };
  }

  /** The fault, if there is one. */
  default Optional<KubeFault> failure() {
    return switch (this) {
      case Ok<T>(T _) -> Optional.empty();
      case Failed<T>(KubeFault fault) -> Optional.of(fault);
    };
  }

  /**
   * The value where a fault would be a bug or a lost dependency.
   *
   * @throws IllegalStateException with the fault's words
   */
  default T orThrow() {
    return switch (this) {
      case Ok<T>(T value) -> value;
      case Failed<T>(KubeFault fault) -> throw new IllegalStateException(fault.toString());
    };
  }
}
