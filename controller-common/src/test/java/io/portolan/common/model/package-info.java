/**
 * A world small enough to check whole: a cloud with limits, exhaustion, fragmentation, lag and lost
 * replies; nodes whose agents answer the handshake; time that only moves when told to.
 */
@NullMarked
package io.portolan.common.model;

import org.jspecify.annotations.NullMarked;
