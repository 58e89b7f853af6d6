/**
 * What the agent tells of packets: what policies counted, and records of single connections that
 * were denied or that a rule logs.
 */
@NullMarked
package io.portolan.policy.reports;

import org.jspecify.annotations.NullMarked;
