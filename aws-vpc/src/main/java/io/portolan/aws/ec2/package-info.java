/**
 * EC2 as this controller sees it: the calls it uses, with values in and out, and its faults.
 *
 * <p>Effect package, and the only one that imports the AWS SDK; no SDK type leaves it. A call
 * answers with an {@link io.portolan.aws.ec2.Ec2Reply}: refusals of EC2 are expected and therefore
 * values. Nothing here retries: whether and when to repeat a call is decided by the resilience
 * layer, which knows the account's budget and whether the effect may already have happened.
 */
@NullMarked
package io.portolan.aws.ec2;

import org.jspecify.annotations.NullMarked;
