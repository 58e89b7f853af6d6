/**
 * How a cloud is called without being flooded: one budget of requests for each API operation,
 * shared by all nodes and lowered when the cloud throttles; retries of what is safe to repeat; a
 * circuit breaker.
 *
 * <p>The only package that imports resilience4j.
 */
@NullMarked
package io.portolan.common.resilience;

import org.jspecify.annotations.NullMarked;
