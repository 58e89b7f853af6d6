/**
 * nftables in the kernel: the effect {@link io.portolan.linux.nft.kernel.KernelNftTables}, the
 * monitor, and the codec below them.
 *
 * <p>The codec is pure: nfnetlink messages and rule expressions, both ways. User data (comments,
 * key types) is written as libnftnl writes it, and rules are lowered to the very expressions nft
 * would use, so that nft lists everything.
 */
@NullMarked
package io.portolan.linux.nft.kernel;

import org.jspecify.annotations.NullMarked;
