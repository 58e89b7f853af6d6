/** The AWS controller against the EC2 simulator, in virtual time and over the wire. */
@NullMarked
package io.portolan.aws;

import org.jspecify.annotations.NullMarked;
