/**
 * What an attachment is: one interface of one container on the pod network, how it is named on the
 * host, and what has to be true in the kernel for it to work.
 *
 * <p>Pure: values and functions only. The kernel is {@code io.portolan.node.dataplane}'s business.
 */
@NullMarked
package io.portolan.node.endpoint;

import org.jspecify.annotations.NullMarked;
