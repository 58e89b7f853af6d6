@NullMarked
package io.portolan.common.api.v1alpha1;

import org.jspecify.annotations.NullMarked;
