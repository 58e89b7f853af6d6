package io.portolan.policy.calico;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.NotUnderstoodException;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.model.PolicyRule;
import io.portolan.policy.model.Tier;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads NetworkPolicy and GlobalNetworkPolicy.
 *
 * <p>One of which it is not understood whom it is about, or in which tier, is closed ({@link
 * Policy#closed}) for all it may be about ({@link Subject}).
 */
public final class CalicoPolicies {
  private CalicoPolicies() {}

  public static Decoded networkPolicy(JsonNode object) {
    String namespace = object.path("metadata").path("namespace").asText("");
    return namespace.isEmpty()
        ? Decoded.nothing("metadata.namespace: missing")
        : decode(object, PolicyId.Kind.CALICO_NETWORK_POLICY, Optional.of(namespace));
  }

  public static Decoded globalNetworkPolicy(JsonNode object) {
    return decode(object, PolicyId.Kind.CALICO_GLOBAL, Optional.empty());
  }

  private static Decoded decode(
      JsonNode object, PolicyId.Kind kind, Optional<String> policyNamespace) {
    String name = object.path("metadata").path("name").asText("");
    if (name.isEmpty()) {
      return Decoded.nothing("metadata.name: missing");
    }
    PolicyId id = new PolicyId(kind, policyNamespace.orElse(""), name);
    List<String> problems = new ArrayList<>();
    Policy policy = policy(id, policyNamespace, spec(object, problems), problems);
    return Decoded.of(new ClusterChange.PolicySeen(policy), problems);
  }

  /** Empty if it is no object. */
  private static Optional<Fields> spec(JsonNode object, List<String> problems) {
    try {
      // A spec that says nothing is one of defaults.
      return Optional.of(
          object.hasNonNull("spec")
              ? Fields.of(object.path("spec"), "spec")
              : new Fields(object.path("spec"), "spec"));
    } catch (NotUnderstoodException e) {
      problems.add("" + e.getMessage());
      return Optional.empty();
    }
  }

  private static Policy policy(
      PolicyId id, Optional<String> policyNamespace, Optional<Fields> read, List<String> problems) {
    Fields spec = read.orElseGet(() -> new Fields(MissingNode.getInstance(), "spec"));
    Subject subject =
        read.isPresent() || policyNamespace.isPresent()
            ? Subject.read(policyNamespace, spec, problems)
            : Subject.UNKNOWN;
    String tier = Tier.DEFAULT.name();
    Policy.Reach reach = Policy.Reach.LOCAL;
    boolean understood = subject.understood() && read.isPresent();
    try {
      tier = spec.text("tier").isEmpty() ? tier : spec.text("tier");
      Policy.Reach said = reach(spec, problems);
      reach = policyNamespace.isPresent() ? reach : said;
    } catch (NotUnderstoodException e) {
      problems.add("" + e.getMessage());
      understood = false;
    }
    Rules rules = new Rules(new Peers(policyNamespace), problems);
    List<PolicyRule> egress = rules.decode(spec, Direction.EGRESS);
    List<PolicyRule> ingress = rules.decode(spec, Direction.INGRESS);
    Set<Direction> directions =
        read.isEmpty()
            ? EnumSet.allOf(Direction.class)
            : directions(spec, !egress.isEmpty(), !ingress.isEmpty(), problems);
    if (reach == Policy.Reach.PRE_DNAT && directions.contains(Direction.EGRESS)) {
      problems.add(spec.path("preDNAT") + ": is about ingress only");
      directions = Set.of(Direction.INGRESS);
    }
    Policy policy =
        new Policy(
            id,
            tier,
            CalicoTiers.order(spec, problems),
            subject.query(),
            directions,
            egress,
            ingress,
            reach,
            problems);
    return understood ? policy : policy.closed();
  }

  /** Of a GlobalNetworkPolicy; where it says more than one, the untracked come first to Felix. */
  private static Policy.Reach reach(Fields spec, List<String> problems)
      throws NotUnderstoodException {
    boolean doNotTrack = spec.flag("doNotTrack");
    boolean preDnat = spec.flag("preDNAT");
    boolean forwarded = spec.flag("applyOnForward");
    if (doNotTrack && preDnat) {
      problems.add(spec.path("preDNAT") + ": excludes doNotTrack, which is taken");
    }
    if (doNotTrack) {
      return Policy.Reach.UNTRACKED;
    }
    if (preDnat) {
      return Policy.Reach.PRE_DNAT;
    }
    return forwarded ? Policy.Reach.FORWARDED : Policy.Reach.LOCAL;
  }

  /** Ingress, unless there are egress rules only; both with both, and if the list is none. */
  private static Set<Direction> directions(
      Fields spec, boolean egress, boolean ingress, List<String> problems) {
    EnumSet<Direction> directions = EnumSet.noneOf(Direction.class);
    List<String> types;
    try {
      types = spec.texts("types");
    } catch (NotUnderstoodException e) {
      problems.add("" + e.getMessage());
      return EnumSet.allOf(Direction.class);
    }
    for (String type : types) {
      switch (type) {
        case "Ingress" -> directions.add(Direction.INGRESS);
        case "Egress" -> directions.add(Direction.EGRESS);
        default ->
            problems.add(spec.path("types") + ": '" + type + "' is neither Ingress nor Egress");
      }
    }
    if (directions.isEmpty()) {
      if (egress) {
        directions.add(Direction.EGRESS);
      }
      if (ingress || !egress) {
        directions.add(Direction.INGRESS);
      }
    }
    return directions;
  }
}
