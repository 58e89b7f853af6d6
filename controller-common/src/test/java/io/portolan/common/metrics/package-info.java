@NullMarked
package io.portolan.common.metrics;

import org.jspecify.annotations.NullMarked;
