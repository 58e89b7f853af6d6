/** Packets logged by rules: the codec, and the kernel. */
@NullMarked
package io.portolan.linux.nflog;

import org.jspecify.annotations.NullMarked;
