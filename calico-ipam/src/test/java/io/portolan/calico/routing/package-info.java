@NullMarked
package io.portolan.calico.routing;

import org.jspecify.annotations.NullMarked;
