/**
 * What an EC2 endpoint must do, told through the AWS SDK: {@link
 * io.portolan.sim.ec2.contract.Ec2Contract} is the part that independent emulators agree on, and
 * runs against them too, so that simulator and controller cannot share one misreading of the wire;
 * {@link io.portolan.sim.ec2.contract.StrictEc2Contract} is the part that only the simulator
 * honours.
 */
@NullMarked
package io.portolan.sim.ec2.contract;

import org.jspecify.annotations.NullMarked;
