/**
 * What each CNI command does, step by step, out of addresses, links and policy.
 *
 * <p>The order of steps lives here and nowhere else.
 */
@NullMarked
package io.portolan.node.attach;

import org.jspecify.annotations.NullMarked;
