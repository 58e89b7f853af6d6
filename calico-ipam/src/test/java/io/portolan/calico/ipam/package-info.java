/** Blocks, claims and collection: by hand, by seed, and against a store that loses answers. */
@NullMarked
package io.portolan.calico.ipam;

import org.jspecify.annotations.NullMarked;
