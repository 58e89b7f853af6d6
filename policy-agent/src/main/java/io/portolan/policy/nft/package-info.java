/**
 * The table this agent owns, as values: its fixed skeleton, images of it, the difference of two
 * images as a transaction, and what an image does to a packet. Pure.
 */
@NullMarked
package io.portolan.policy.nft;

import org.jspecify.annotations.NullMarked;
