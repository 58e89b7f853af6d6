/**
 * The vocabulary of the suite: addresses, CIDR blocks and MAC addresses as values.
 *
 * <p>Pure: depends on the JDK and on the IPAddress library, which it wraps and which no other
 * package imports. Text is parsed once, at the edge; inside the suite addresses are compared as
 * numbers, never as strings.
 */
@NullMarked
package io.portolan.common.net;

import org.jspecify.annotations.NullMarked;
