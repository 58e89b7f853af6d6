/**
 * A strict, stateful simulator of the EC2 API, as far as interfaces and addresses go.
 *
 * <p>{@link io.portolan.sim.ec2.Ec2World} owns the state and answers calls in process; {@link
 * io.portolan.sim.ec2.Ec2SimulatorServer} speaks the EC2 Query protocol over it, so that any EC2
 * client can be pointed at it; {@link io.portolan.sim.ec2.VpcView} tells a packet fabric what is
 * assigned to what. {@code docs/simulators/ec2.md} lists every modelled rule with its source, and
 * what is not modelled.
 */
@NullMarked
package io.portolan.sim.ec2;

import org.jspecify.annotations.NullMarked;
