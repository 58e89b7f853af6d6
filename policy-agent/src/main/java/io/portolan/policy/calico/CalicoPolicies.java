package io.portolan.policy.calico;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.NotUnderstoodException;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.model.PolicyRule;
import io.portolan.policy.model.Tier;
import io.portolan.policy.select.NamespaceScope;
import io.portolan.policy.select.PodQuery;
import io.portolan.policy.select.Selector;
import io.portolan.policy.select.expression.CalicoScoping;
import io.portolan.policy.select.expression.EndpointLabels;
import io.portolan.policy.select.expression.Expression;
import io.portolan.policy.select.expression.ExpressionLowering;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads NetworkPolicy and GlobalNetworkPolicy.
 *
 * <p>One whose selectors are not understood says nothing about any pod and enforces nothing; so do
 * {@code doNotTrack} and {@code preDNAT} policies, which are about host endpoints only.
 */
public final class CalicoPolicies {
  private static final PodQuery NOBODY =
      new PodQuery(
          new NamespaceScope.Matching(Selector.NONE), Selector.NONE, PodQuery.View.INHERITED);

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
    Policy policy;
    try {
      policy = policy(id, policyNamespace, spec(object), problems);
    } catch (NotUnderstoodException e) {
      problems.add("" + e.getMessage());
      policy =
          new Policy(
              id,
              Tier.DEFAULT.name(),
              Policy.LAST,
              NOBODY,
              Set.of(),
              List.of(),
              List.of(),
              problems);
    }
    return Decoded.of(new ClusterChange.PolicySeen(policy), problems);
  }

  private static Fields spec(JsonNode object) throws NotUnderstoodException {
    // A spec that says nothing is one of defaults.
    return object.hasNonNull("spec")
        ? Fields.of(object.path("spec"), "spec")
        : new Fields(object.path("spec"), "spec");
  }

  private static Policy policy(
      PolicyId id, Optional<String> policyNamespace, Fields spec, List<String> problems)
      throws NotUnderstoodException {
    PodQuery subject = subject(policyNamespace, spec);
    String tier = spec.text("tier");
    Rules rules = new Rules(new Peers(policyNamespace), problems);
    List<PolicyRule> egress = rules.decode(spec, Direction.EGRESS);
    List<PolicyRule> ingress = rules.decode(spec, Direction.INGRESS);
    return new Policy(
        id,
        tier.isEmpty() ? Tier.DEFAULT.name() : tier,
        CalicoTiers.order(spec, problems),
        subject,
        isForHostsOnly(spec, problems)
            ? Set.of()
            : directions(spec, !egress.isEmpty(), !ingress.isEmpty(), problems),
        egress,
        ingress,
        problems);
  }

  private static PodQuery subject(Optional<String> policyNamespace, Fields spec)
      throws NotUnderstoodException {
    List<Selector> all = new ArrayList<>();
    Expressions.onLabels(spec, "selector").map(ExpressionLowering::lower).ifPresent(all::add);
    Expressions.onLabels(spec, "serviceAccountSelector")
        .map(expression -> expression.prefixed(EndpointLabels.SERVICE_ACCOUNT_PREFIX))
        .map(ExpressionLowering::lower)
        .ifPresent(all::add);
    Optional<Expression> namespaces =
        policyNamespace.isPresent()
            ? Optional.empty()
            : Expressions.onLabels(spec, "namespaceSelector");
    return new PodQuery(
        CalicoScoping.ofSubject(policyNamespace, namespaces),
        Selector.and(all),
        PodQuery.View.INHERITED);
  }

  /**
   * Felix keeps {@code doNotTrack} and {@code preDNAT} policies off pods, while {@code
   * applyOnForward} adds host endpoints' forwarded traffic to what a policy is about.
   */
  private static boolean isForHostsOnly(Fields spec, List<String> problems)
      throws NotUnderstoodException {
    boolean hostsOnly = false;
    for (String field : List.of("doNotTrack", "preDNAT")) {
      if (spec.flag(field)) {
        problems.add(spec.path(field) + ": not enforced yet, as host endpoints are not");
        hostsOnly = true;
      }
    }
    if (spec.flag("applyOnForward") && !hostsOnly) {
      problems.add(spec.path("applyOnForward") + ": enforced on pods, on host endpoints not yet");
    }
    return hostsOnly;
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
