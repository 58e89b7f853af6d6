/**
 * Links, addresses, routes, rules, neighbours and forwarding entries of a network namespace, over
 * rtnetlink.
 *
 * <p>Objects are records that look the same when written and when read back. {@link
 * io.portolan.linux.route.RouteSocket} asks and changes, {@link io.portolan.linux.route.RouteBatch}
 * collects changes that go in one send, {@link io.portolan.linux.route.NetworkMonitor} reports what
 * others change. Numbers are those of linux/rtnetlink.h, if_link.h, if_addr.h, fib_rules.h and
 * neighbour.h.
 */
@NullMarked
package io.portolan.linux.route;

import org.jspecify.annotations.NullMarked;
