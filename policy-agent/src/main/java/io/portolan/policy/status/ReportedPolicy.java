package io.portolan.policy.status;

import java.util.List;
import java.util.Optional;

/**
 * A ClusterNetworkPolicy as a node sees it.
 *
 * @param generation of its spec
 * @param problems what in it is not understood; none if all is
 * @param enforced whether at least that is understood which pods it is meant for
 * @param accepted the condition it has; empty if it has none
 * @param programmed likewise
 */
public record ReportedPolicy(
    String name,
    String uid,
    long generation,
    List<String> problems,
    boolean enforced,
    Optional<PolicyCondition> accepted,
    Optional<PolicyCondition> programmed) {
  /** Far below the API's bound of 32,768; a list of all problems may be long. */
  private static final int LONGEST = 1024;

  public ReportedPolicy {
    problems = List.copyOf(problems);
  }

  /** What this node would have the status say of whether it is understood. */
  PolicyCondition acceptance() {
    String all = String.join("; ", problems);
    return problems.isEmpty()
        ? condition(
            PolicyCondition.Type.ACCEPTED, true, "Accepted", "All of the policy is understood.")
        : condition(
            PolicyCondition.Type.ACCEPTED,
            false,
            enforced ? "NotUnderstood" : "NotEnforced",
            !enforced
                ? "Not enforced at all: " + all
                : "Not enforced as it is written; what is not understood allows nothing, and denies"
                    + " everything where it would deny or pass on: "
                    + all);
  }

  /** What it says while no node is known that cannot. */
  PolicyCondition noRefusal() {
    return condition(
        PolicyCondition.Type.PROGRAMMED,
        true,
        "Programmed",
        "No node has reported that its kernel refuses it.");
  }

  /** What it says where a node cannot; {@link #refusing} finds the node in it. */
  PolicyCondition refusal(String node, String reason) {
    return condition(
        PolicyCondition.Type.PROGRAMMED,
        false,
        "Refused",
        "Node "
            + node
            + ", and maybe others: the kernel refuses it, so it is closed: it selects what it did"
            + " and allows nothing. "
            + reason);
  }

  /** Which node the status says cannot, of this generation; empty if none. */
  Optional<String> refusing() {
    return programmed
        .filter(condition -> isPresent(condition) && !condition.holds())
        .map(condition -> condition.message().replaceFirst("^Node ([^ ,]+).*", "$1"));
  }

  /** Whether a condition speaks of the policy as it is now. */
  boolean isPresent(PolicyCondition condition) {
    return condition.generation() == generation;
  }

  private PolicyCondition condition(
      PolicyCondition.Type type, boolean holds, String reason, String message) {
    return new PolicyCondition(
        type,
        holds,
        reason,
        message.length() > LONGEST ? message.substring(0, LONGEST) : message,
        generation,
        "");
  }
}
