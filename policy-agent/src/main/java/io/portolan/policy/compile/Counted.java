package io.portolan.policy.compile;

import io.portolan.policy.model.Direction;
import io.portolan.policy.model.PolicyId;
import java.util.Optional;

/**
 * What a named counter of the table counts: packets that were judged, which is one or two of each
 * connection that passes, once more whenever the rules may deny more than before, and every packet
 * that is denied.
 *
 * @param policy whose rules decided; empty where the end of the tier did
 * @param direction seen from the pod that the policy applies to
 */
public record Counted(
    Optional<PolicyId> policy, String tier, Direction direction, boolean allowed) {}
