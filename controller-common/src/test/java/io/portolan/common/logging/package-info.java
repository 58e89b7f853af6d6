@NullMarked
package io.portolan.common.logging;

import org.jspecify.annotations.NullMarked;
