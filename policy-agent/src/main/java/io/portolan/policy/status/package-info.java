/**
 * What the status of ClusterNetworkPolicies says, and who of many nodes writes it: a few writes for
 * each change of a policy, however many nodes there are.
 */
@NullMarked
package io.portolan.policy.status;

import org.jspecify.annotations.NullMarked;
