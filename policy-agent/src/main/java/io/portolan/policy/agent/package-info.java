/** The agent at work: takes the table over, keeps it in step with the cluster, audits it. */
@NullMarked
package io.portolan.policy.agent;

import org.jspecify.annotations.NullMarked;
