/** Tests of the nftables model, its text, its wire form and its simulation. */
@NullMarked
package io.portolan.linux.nft;

import org.jspecify.annotations.NullMarked;
