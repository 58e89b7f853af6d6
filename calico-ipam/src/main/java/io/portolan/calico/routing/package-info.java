/** Routes between nodes whose pods have addresses of blocks: none, VXLAN or IPIP. */
@NullMarked
package io.portolan.calico.routing;

import org.jspecify.annotations.NullMarked;
