@NullMarked
package io.portolan.calico.bgp.bird;

import org.jspecify.annotations.NullMarked;
