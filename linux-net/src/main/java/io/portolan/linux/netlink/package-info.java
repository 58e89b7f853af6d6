/**
 * Netlink: messages, attributes, and sockets that speak them to the kernel.
 *
 * <p>Knows the framing that all families share (linux/netlink.h; RFC 3549): requests and
 * acknowledgements, dumps in several parts, batches, extended acknowledgements. What the messages
 * mean is the matter of the packages built on it. What arrives is bounded and checked even though
 * the kernel sends it.
 */
@NullMarked
package io.portolan.linux.netlink;

import org.jspecify.annotations.NullMarked;
