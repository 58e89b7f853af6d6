package io.portolan.common.kube;

import io.portolan.common.api.v1alpha1.Condition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Conditions as values: pure. */
public final class Conditions {
  private Conditions() {}

  /**
   * A claim without its time.
   *
   * @param holds empty if unknown
   */
  public record Claim(String type, Optional<Boolean> holds, String reason, String message) {
    public static Claim of(String type, boolean holds, String reason, String message) {
      return new Claim(type, Optional.of(holds), reason, message);
    }
  }

  /**
   * The claims as conditions, in order: the transition time of a condition stays as it was unless
   * its status changes.
   *
   * @param previous as the object has them; those of other types are left out of the result
   */
  public static List<Condition> merge(
      @Nullable List<Condition> previous, List<Claim> claims, Instant now) {
    List<Condition> merged = new ArrayList<>();
    for (Claim claim : claims) {
      String status = claim.holds().map(h -> h ? "True" : "False").orElse("Unknown");
      String since = now.truncatedTo(ChronoUnit.SECONDS).toString();
      for (Condition condition : previous == null ? List.<Condition>of() : previous) {
        if (condition.type().equals(claim.type()) && condition.status().equals(status)) {
          since = condition.lastTransitionTime();
        }
      }
      merged.add(new Condition(claim.type(), status, claim.reason(), claim.message(), since));
    }
    return List.copyOf(merged);
  }
}
