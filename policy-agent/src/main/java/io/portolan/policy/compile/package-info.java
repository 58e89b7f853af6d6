/**
 * From policies and pods to the table of this node: rules per policy, chains per class of pods,
 * sets per distinct selector. Pure but for the state it is asked to keep up to date; what comes out
 * depends on the present state of the cluster only, never on how it came about.
 */
@NullMarked
package io.portolan.policy.compile;

import org.jspecify.annotations.NullMarked;
