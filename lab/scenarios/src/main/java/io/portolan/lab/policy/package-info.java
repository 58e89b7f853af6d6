/**
 * Clusters of policy cases as network namespaces: a node each for what runs the policy engine, a
 * pod each, and one for all the world beside; and whether packets do there what the compiled form
 * says.
 *
 * <p>The engine is the policy agent's own, one for each node, told of the cluster in the order an
 * API server's watches would. It is not fed by an API server, because that has no word for "all
 * that was written is in force", which a verdict on a packet needs.
 */
@NullMarked
package io.portolan.lab.policy;

import org.jspecify.annotations.NullMarked;
