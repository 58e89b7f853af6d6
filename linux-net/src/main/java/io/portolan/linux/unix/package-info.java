/**
 * Stream sockets in the file system (unix(7)), where {@code java.nio} is too slow for a server that
 * answers in a millisecond: several threads wait for the next connection and the kernel wakes one,
 * and the peer's user is a number, not two look-ups in the user database.
 */
@NullMarked
package io.portolan.linux.unix;

import org.jspecify.annotations.NullMarked;
