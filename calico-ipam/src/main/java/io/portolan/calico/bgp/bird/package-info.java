/** BIRD as a process of the node: started, told of changes, asked how its sessions are. */
@NullMarked
package io.portolan.calico.bgp.bird;

import org.jspecify.annotations.NullMarked;
