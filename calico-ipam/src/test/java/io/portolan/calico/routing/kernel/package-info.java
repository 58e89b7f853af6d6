@NullMarked
package io.portolan.calico.routing.kernel;

import org.jspecify.annotations.NullMarked;
