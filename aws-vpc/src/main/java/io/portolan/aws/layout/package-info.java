/**
 * Where ENIs go and what marks them as ours: subnets, security groups, tags.
 *
 * <p>Pure: a function of what was observed and what the profile says.
 */
@NullMarked
package io.portolan.aws.layout;

import org.jspecify.annotations.NullMarked;
