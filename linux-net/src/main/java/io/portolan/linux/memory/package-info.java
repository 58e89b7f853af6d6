/** What of this process's memory the kernel need not keep. */
@NullMarked
package io.portolan.linux.memory;

import org.jspecify.annotations.NullMarked;
