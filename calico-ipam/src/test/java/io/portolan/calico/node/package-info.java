@NullMarked
package io.portolan.calico.node;

import org.jspecify.annotations.NullMarked;
