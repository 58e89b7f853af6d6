@NullMarked
package io.portolan.common.leader;

import org.jspecify.annotations.NullMarked;
