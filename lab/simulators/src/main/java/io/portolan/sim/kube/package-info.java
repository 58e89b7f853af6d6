/**
 * A Kubernetes API server in this JVM: one ordered store, generic resources, watches, patches,
 * server-side apply and custom resources over plain HTTP, with seeded faults.
 *
 * <p>It is precise where controllers depend on it (resource versions, conflicts, watch transitions,
 * field ownership, status subresources) and leaves out what they do not: authorisation, admission,
 * CEL, defaulting and validation of built-in types beyond a few fields, and every controller but
 * the one that empties a deleted namespace.
 */
@NullMarked
package io.portolan.sim.kube;

import org.jspecify.annotations.NullMarked;
