/** The simulation against itself and against the kernel. */
@NullMarked
package io.portolan.linux.nft.simulated;

import org.jspecify.annotations.NullMarked;
