/** Packets made by hand, through the kernel. */
@NullMarked
package io.portolan.linux.packet;

import org.jspecify.annotations.NullMarked;
