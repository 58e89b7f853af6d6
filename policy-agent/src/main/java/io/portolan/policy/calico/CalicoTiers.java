package io.portolan.policy.calico;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.Tier;
import java.util.ArrayList;
import java.util.List;

/** Reads Tier. */
public final class CalicoTiers {
  private CalicoTiers() {}

  /** The tiers that exist without objects stay what they are, whatever their objects say. */
  public static Decoded tier(JsonNode object) {
    String name = object.path("metadata").path("name").asText("");
    if (name.isEmpty()) {
      return Decoded.nothing("metadata.name: missing");
    }
    List<String> problems = new ArrayList<>();
    Fields spec = new Fields(object.path("spec"), "spec");
    Tier said = new Tier(name, order(spec, problems), end(spec, problems));
    for (Tier fixed : Tier.STATIC) {
      if (fixed.name().equals(name)) {
        if (!said.equals(fixed)) {
          problems.add(
              "spec: tier "
                  + name
                  + " has order "
                  + (long) fixed.order()
                  + " and ends in "
                  + fixed.end());
        }
        return Decoded.of(new ClusterChange.TierSeen(fixed), problems);
      }
    }
    return Decoded.of(new ClusterChange.TierSeen(said), problems);
  }

  /** Last if there is none. */
  static double order(Fields spec, List<String> problems) {
    JsonNode order = spec.node().path("order");
    if (spec.has("order") && !order.isNumber()) {
      problems.add(spec.path("order") + ": expected a number, taken as the last");
      return Policy.LAST;
    }
    return spec.has("order") ? order.asDouble() : Policy.LAST;
  }

  private static Tier.End end(Fields spec, List<String> problems) {
    return switch (spec.node().path("defaultAction").asText("")) {
      case "Pass" -> Tier.End.PASS;
      case "Deny", "" -> Tier.End.DENY;
      case String other -> {
        // asText of a JSON null is "null", the same as a missing field.
        if (spec.has("defaultAction")) {
          problems.add(spec.path("defaultAction") + ": '" + other + "' is taken as Deny");
        }
        yield Tier.End.DENY;
      }
    };
  }
}
