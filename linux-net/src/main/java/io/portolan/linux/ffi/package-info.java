/**
 * The C library calls that Java has no words for: namespaces, mounts, netlink sockets.
 *
 * <p>The only package that knows how native code is called (jnr-ffi today). Every call reports
 * failure the way the kernel does, as a negative errno, so that the error belongs to the call and
 * to no later one.
 */
@NullMarked
package io.portolan.linux.ffi;

import org.jspecify.annotations.NullMarked;
