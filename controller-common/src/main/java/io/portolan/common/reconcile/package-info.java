/**
 * A loop that brings keyed things (nodes) to rest: each key at most once at a time, the most urgent
 * first, failures later and later, everything again now and then.
 *
 * <p>{@link io.portolan.common.reconcile.KeyedQueue} decides and is plain state with time passed
 * in; {@link io.portolan.common.reconcile.ReconcileLoop} owns one and moves threads.
 */
@NullMarked
package io.portolan.common.reconcile;

import org.jspecify.annotations.NullMarked;
