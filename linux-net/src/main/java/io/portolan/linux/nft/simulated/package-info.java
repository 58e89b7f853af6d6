/**
 * nftables in memory, for tests of what programs it: keeps the state, refuses what the kernel
 * refuses, reads back as text. {@code SimulatedNftTables} says what it does not model.
 */
@NullMarked
package io.portolan.linux.nft.simulated;

import org.jspecify.annotations.NullMarked;
