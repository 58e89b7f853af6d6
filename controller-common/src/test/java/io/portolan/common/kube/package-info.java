@NullMarked
package io.portolan.common.kube;

import org.jspecify.annotations.NullMarked;
