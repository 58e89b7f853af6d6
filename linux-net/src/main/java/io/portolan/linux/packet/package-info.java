/**
 * Packets made by hand: put on a link or into a machine's output, and looked at where they arrive.
 *
 * <p>A {@link io.portolan.linux.packet.PacketProber} tells which of many packets get from one place
 * to another, without waiting for silence.
 */
@NullMarked
package io.portolan.linux.packet;

import org.jspecify.annotations.NullMarked;
