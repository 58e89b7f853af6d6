/** What the runtime makes of events. */
@NullMarked
package io.portolan.common.runtime;

import org.jspecify.annotations.NullMarked;
