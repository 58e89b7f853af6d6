/** The EC2 adapter against scripted replies, good and bad. */
@NullMarked
package io.portolan.aws.ec2;

import org.jspecify.annotations.NullMarked;
