/** BIRD's configuration, from Calico's BGP objects. */
@NullMarked
package io.portolan.calico.bgp;

import org.jspecify.annotations.NullMarked;
