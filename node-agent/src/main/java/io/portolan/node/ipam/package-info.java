/**
 * The node's own address management: what the cloud gave, which pod holds what, which addresses
 * rest, and what is handed back when the controller asks.
 *
 * <p>{@link io.portolan.node.ipam.AddressPool} is pure; {@link io.portolan.node.ipam.Ledger} is the
 * one thread that owns it together with the journal.
 */
@NullMarked
package io.portolan.node.ipam;

import org.jspecify.annotations.NullMarked;
