/**
 * Kernel settings under /proc/sys/net, of the calling thread's network namespace or of a given one.
 */
@NullMarked
package io.portolan.linux.sysctl;

import org.jspecify.annotations.NullMarked;
