@NullMarked
package io.portolan.common.options;

import org.jspecify.annotations.NullMarked;
