/** Tests of the nftables codec, and of the kernel behind it. */
@NullMarked
package io.portolan.linux.nft.kernel;

import org.jspecify.annotations.NullMarked;
