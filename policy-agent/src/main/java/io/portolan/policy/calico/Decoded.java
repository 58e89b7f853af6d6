package io.portolan.policy.calico;

import io.portolan.policy.model.ClusterChange;
import java.util.List;
import java.util.Optional;

/**
 * What an object says.
 *
 * @param change empty if nothing comes of it
 * @param problems what was not understood or is not enforced, each beginning with its field; of a
 *     policy, the same as its own
 */
public record Decoded(Optional<ClusterChange> change, List<String> problems) {
  public Decoded {
    problems = List.copyOf(problems);
  }

  static Decoded of(ClusterChange change, List<String> problems) {
    return new Decoded(Optional.of(change), problems);
  }

  static Decoded nothing(String problem) {
    return new Decoded(Optional.empty(), List.of(problem));
  }
}
