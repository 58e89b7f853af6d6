/**
 * One process acts at a time: election by a Lease object.
 *
 * <p>{@link io.portolan.common.leader.Leadership} is what executors ask before each effect. {@link
 * io.portolan.common.leader.LeaseCandidate} decides and takes time as a parameter; it reaches the
 * Lease through {@link io.portolan.common.leader.LeaseStore}.
 */
@NullMarked
package io.portolan.common.leader;

import org.jspecify.annotations.NullMarked;
