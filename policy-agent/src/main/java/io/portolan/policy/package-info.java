/**
 * The policy agent of one node: watches the policies of the cluster, compiles what this node's pods
 * need and keeps it in the kernel. It runs inside the node agent, which uses it through {@link
 * io.portolan.policy.PolicyGate}, or alone next to a foreign CNI.
 */
@NullMarked
package io.portolan.policy;

import org.jspecify.annotations.NullMarked;
