/**
 * What Portolan asks of a cloud and what a cloud answers: one effect with two verbs ({@link
 * io.portolan.common.cloud.CloudNetwork}), one pure strategy ({@link
 * io.portolan.common.cloud.Placement}), and the values that pass between them.
 *
 * <p>Pure: records and interfaces only, no cloud's own types. Written against EC2 network
 * interfaces, Azure NICs and route tables and Google alias ranges alike; ADR 0002 maps them type by
 * type.
 */
@NullMarked
package io.portolan.common.cloud;

import org.jspecify.annotations.NullMarked;
