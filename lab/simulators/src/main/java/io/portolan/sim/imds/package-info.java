/**
 * The instance metadata service, version 2, over the same world as the EC2 API: what an instance
 * sees of itself follows its interfaces, late if the world says so.
 */
@NullMarked
package io.portolan.sim.imds;

import org.jspecify.annotations.NullMarked;
