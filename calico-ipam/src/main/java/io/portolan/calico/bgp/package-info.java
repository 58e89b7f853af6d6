/**
 * BIRD's configuration, from Calico's BGP objects. {@link io.portolan.calico.bgp.BgpObjects} reads
 * them one by one and rejects what is wrong; {@link io.portolan.calico.bgp.BirdRenderer} writes the
 * file of one node.
 */
@NullMarked
package io.portolan.calico.bgp;

import org.jspecify.annotations.NullMarked;
