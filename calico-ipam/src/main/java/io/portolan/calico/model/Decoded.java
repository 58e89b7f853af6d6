package io.portolan.calico.model;

import java.util.Optional;

/** An object read: what it says, or why it cannot be used. */
public sealed interface Decoded<T> {
  /** It says something. */
  record Understood<T>(Stored<T> object) implements Decoded<T> {}

  /**
   * It breaks a rule, is to be reported, and neither used nor written.
   *
   * @param name of the object
   * @param problem names the field and the rule
   */
  record Malformed<T>(String name, String problem) implements Decoded<T> {}

  /** The object, if it is understood. */
  default Optional<Stored<T>> understood() {
    return switch (this) {
      case Understood<T>(Stored<T> object) -> Optional.of(object);
      case Malformed<T> _ -> Optional.empty();
    };
  }
}
