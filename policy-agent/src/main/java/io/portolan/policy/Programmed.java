package io.portolan.policy;

/**
 * Proof that the kernel enforces a pod's own policy.
 *
 * @param egress name of the chain that decides what the pod may send, or "open" where no policy
 *     isolates it
 * @param ingress name of the chain that decides what the pod may receive, or "open" where no policy
 *     isolates it
 */
public record Programmed(String egress, String ingress) {}
