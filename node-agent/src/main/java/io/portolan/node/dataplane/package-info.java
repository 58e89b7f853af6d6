/**
 * Attachments in the kernel: links, addresses, neighbours, routes and rules of pods, made and taken
 * away over netlink, and recognised again after a restart.
 *
 * <p>{@link io.portolan.node.dataplane.PodDataplane} is the effect; what is made and how a
 * restarted agent knows it as its own is in {@link io.portolan.node.endpoint.Ownership}.
 */
@NullMarked
package io.portolan.node.dataplane;

import org.jspecify.annotations.NullMarked;
