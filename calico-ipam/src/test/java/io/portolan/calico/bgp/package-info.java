@NullMarked
package io.portolan.calico.bgp;

import org.jspecify.annotations.NullMarked;
