/** Packets held by rules: the kernel. */
@NullMarked
package io.portolan.linux.nfqueue;

import org.jspecify.annotations.NullMarked;
