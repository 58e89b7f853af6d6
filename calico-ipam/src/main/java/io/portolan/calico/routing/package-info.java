/**
 * Routes between nodes whose pods have addresses of blocks: without tunnel, by VXLAN or by IPIP, as
 * each IPPool says; and source address translation for what leaves the pools.
 *
 * <p>{@link io.portolan.calico.routing.RoutingPlanner} makes the whole wanted state of one node out
 * of a {@link io.portolan.calico.routing.RoutingSnapshot}; the difference to what is there is a
 * list of {@link io.portolan.calico.routing.RoutingChange}s, which package {@code kernel} carries
 * out.
 */
@NullMarked
package io.portolan.calico.routing;

import org.jspecify.annotations.NullMarked;
