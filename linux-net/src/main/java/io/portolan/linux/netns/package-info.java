/**
 * Network namespaces: making, finding and entering them.
 *
 * <p>Entering changes an operating system thread, so code runs inside a namespace on a platform
 * thread of its own that ends afterwards. Most work needs no entering: a socket opened in a
 * namespace stays in it and is used from anywhere.
 */
@NullMarked
package io.portolan.linux.netns;

import org.jspecify.annotations.NullMarked;
