/**
 * The operations of the EC2 API: each a pure function of state, parameters, time and a seed to a
 * new state and an answer, or to an {@link io.portolan.sim.ec2.model.Ec2Error}.
 *
 * <p>Parameters arrive as a {@link io.portolan.sim.ec2.action.Query}, answers leave as {@link
 * io.portolan.sim.ec2.action.Element}s, both in the names of the API's 2016-11-15 version. What
 * HTTP and XML make of them is no business of this package.
 */
@NullMarked
package io.portolan.sim.ec2.action;

import org.jspecify.annotations.NullMarked;
