/**
 * Connections with real packets between namespaces: listeners in every pod, and many connection
 * attempts at once from one selector loop.
 */
@NullMarked
package io.portolan.lab.probe;

import org.jspecify.annotations.NullMarked;
