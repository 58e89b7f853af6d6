package io.portolan.policy.agent;

import io.portolan.common.kube.EventWriter.Severity;
import io.portolan.common.kube.EventWriter.Subject;
import io.portolan.policy.calico.StoredForm.Existing;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.status.StatusReporter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of policies that are not enforced as they are written: in the log, by Events on them, and
 * how many there are. Of the kinds that have a status with conditions, ClusterNetworkPolicy, {@link
 * StatusReporter} writes them.
 *
 * <p>A problem that lasts is told once. Called from the threads of the watches and from the
 * enforcing one.
 */
public final class PolicyProblems {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyProblems.class);

  private final Map<PolicyId, Identity> known = new HashMap<>();
  private final Map<PolicyId, List<String>> notUnderstood = new HashMap<>();
  private Set<PolicyId> refused = Set.of();
  private Optional<Telling> events = Optional.empty();
  private Optional<StatusReporter> statuses = Optional.empty();

  /** Takes Events. Every node tells the same, so the message names no node. */
  public interface Telling {
    void tell(Subject subject, Severity severity, String reason, String message);
  }

  /** Which object a policy is; the UID in few bytes, as there are many. */
  private record Identity(Existing object, Optional<UUID> uid) {}

  /** From now on Events are written. */
  public synchronized void tellBy(Telling telling) {
    events = Optional.of(telling);
  }

  /** From now on conditions are written. */
  public synchronized void reportBy(StatusReporter reporter) {
    statuses = Optional.of(reporter);
  }

  /**
   * A policy was read.
   *
   * @param object the API and name of its object
   * @param uid of its object; may be empty
   * @param problems what in it was not understood; none if it is enforced as it is written
   */
  synchronized void read(PolicyId id, Existing object, String uid, List<String> problems) {
    known.put(id, new Identity(object, uuid(uid)));
    List<String> before = notUnderstood.getOrDefault(id, List.of());
    if (problems.equals(before)) {
      return;
    }
    if (problems.isEmpty()) {
      notUnderstood.remove(id);
      tell(id, Severity.NORMAL, "Understood", "All of the policy is understood now.");
      return;
    }
    notUnderstood.put(id, problems);
    String all = String.join("; ", problems);
    LOG.warn(
        "{} is not enforced as it is written. What is not understood fails closed: where it would"
            + " allow, it allows nothing, where it would deny or pass on, it denies everything: {}",
        id.described(),
        all);
    tell(
        id,
        Severity.WARNING,
        "NotUnderstood",
        "Not enforced as it is written; what is not understood allows nothing, and denies"
            + " everything where it would deny or pass on: "
            + all);
  }

  /** A policy of which not even the pods it is meant for are known, so that it does nothing. */
  synchronized void unreadable(PolicyId id, Existing object, String uid, String problem) {
    known.put(id, new Identity(object, uuid(uid)));
    if (List.of(problem).equals(notUnderstood.put(id, List.of(problem)))) {
      return;
    }
    LOG.error("{} is not enforced: {}", id.described(), problem);
    tell(id, Severity.WARNING, "NotEnforced", "Not enforced at all: " + problem);
  }

  synchronized void gone(PolicyId id) {
    known.remove(id);
    notUnderstood.remove(id);
  }

  /**
   * These are closed now, others not.
   *
   * @param reasons what the kernel said
   */
  synchronized void leftOut(SortedMap<PolicyId, String> reasons) {
    Set<PolicyId> before = refused;
    refused = Set.copyOf(reasons.keySet());
    reasons.forEach((id, reason) -> {
      if (!before.contains(id)) {
        tell(
            id,
            Severity.WARNING,
            "NotProgrammed",
            "The kernel refuses it, so it is closed: it selects what it did and allows nothing."
                + " It is tried again when it changes, and from time to time. "
                + reason);
      }
    });
    Set<PolicyId> again = new HashSet<>(before);
    again.removeAll(refused);
    again.forEach(id -> tell(id, Severity.NORMAL, "Programmed", "The kernel takes it again."));
    SortedMap<String, String> withStatus = new TreeMap<>();
    reasons.forEach((id, reason) -> {
      if (id.kind() == PolicyId.Kind.CLUSTER_NETWORK_POLICY) {
        withStatus.put(id.name(), reason);
      }
    });
    statuses.ifPresent(reporter -> reporter.refused(withStatus));
  }

  /** How many policies are not understood, wholly or in part. */
  public synchronized int notUnderstood() {
    return notUnderstood.size();
  }

  private void tell(PolicyId id, Severity severity, String reason, String message) {
    Identity identity = known.get(id);
    if (identity != null) {
      Subject subject =
          new Subject(
              identity.object().apiVersion(),
              id.kind().api(),
              id.namespace(),
              identity.object().name(),
              identity.uid().map(UUID::toString).orElse(""));
      events.ifPresent(telling -> telling.tell(subject, severity, reason, message));
    }
  }

  private static Optional<UUID> uuid(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(UUID.fromString(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
