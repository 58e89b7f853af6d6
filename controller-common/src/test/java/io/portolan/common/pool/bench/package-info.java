/**
 * How many EC2 calls a pod costs and how long it waits, in virtual time under the buckets EC2
 * publishes: the real controller beside a model of a per-node warm pool.
 */
@NullMarked
package io.portolan.common.pool.bench;

import org.jspecify.annotations.NullMarked;
