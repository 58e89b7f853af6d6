/** Addresses out of IPPools by blocks, as Calico stores and claims them. */
@NullMarked
package io.portolan.calico.ipam;

import org.jspecify.annotations.NullMarked;
