/**
 * The AWS controller: pod addresses from the ENIs of EC2 instances.
 *
 * <p>{@link io.portolan.aws.AwsCloudNetwork} is the effect (what EC2 shows, one changing call for
 * each action), {@link io.portolan.aws.AwsVpcMain} the wiring. What to do is decided by the planner
 * that all clouds share.
 */
@NullMarked
package io.portolan.aws;

import org.jspecify.annotations.NullMarked;
