/**
 * Takes the packets that {@code queue num N} rules hold, and gives a verdict on each.
 *
 * <p>Numbers are those of linux/netfilter/nfnetlink_queue.h. A queue has one reader in a namespace;
 * packets of a queue without one are dropped, or passed if the rule says {@code bypass}.
 */
@NullMarked
package io.portolan.linux.nfqueue;

import org.jspecify.annotations.NullMarked;
