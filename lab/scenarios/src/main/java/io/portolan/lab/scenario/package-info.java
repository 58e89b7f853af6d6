/**
 * The lab's scenarios: what is started, what is asked of it with packets, and what the answers must
 * be.
 */
@NullMarked
package io.portolan.lab.scenario;

import org.jspecify.annotations.NullMarked;
