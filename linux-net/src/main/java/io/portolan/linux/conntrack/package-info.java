/**
 * The kernel's table of connections: listing, cutting and marking the flows a filter describes,
 * over ctnetlink.
 *
 * <p>What can be filtered by the kernel is; everything is checked again here, so that a kernel that
 * knows fewer filters (before 5.8) only costs time. Numbers are those of
 * linux/netfilter/nfnetlink_conntrack.h.
 */
@NullMarked
package io.portolan.linux.conntrack;

import org.jspecify.annotations.NullMarked;
