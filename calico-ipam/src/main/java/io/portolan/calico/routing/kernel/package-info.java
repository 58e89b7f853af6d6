/** Reads and changes what of a node's routing is in its kernel. */
@NullMarked
package io.portolan.calico.routing.kernel;

import org.jspecify.annotations.NullMarked;
