/**
 * Packets of pods between the node and the cloud's interfaces: one routing table per secondary
 * interface, rules that choose among them, and source address translation for destinations that do
 * not know pod addresses.
 *
 * <p>Planners are pure; {@link io.portolan.node.routing.NodeRouting} reads the kernel, compares and
 * changes what differs.
 */
@NullMarked
package io.portolan.node.routing;

import org.jspecify.annotations.NullMarked;
