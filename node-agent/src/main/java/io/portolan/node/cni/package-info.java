/**
 * The Container Network Interface, specification 1.1 and its predecessors back to 0.3.0: requests
 * parsed strictly, results and errors written in the version asked for, and the Unix socket over
 * which the shim {@code portolan-cni} passes them.
 *
 * <p>Knows nothing of addresses or links: what a request does is {@link
 * io.portolan.node.cni.CniHandler}'s business.
 */
@NullMarked
package io.portolan.node.cni;

import org.jspecify.annotations.NullMarked;
