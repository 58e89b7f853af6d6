/**
 * What NetworkPolicy and ClusterNetworkPolicy allow, as their API documentation reads: the
 * expectation that tests and the lab compare packets and compiled rules with.
 *
 * <p>Pure.
 */
@NullMarked
package io.portolan.sim.policy;

import org.jspecify.annotations.NullMarked;
