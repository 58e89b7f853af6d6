/**
 * Strict reading of the simulators' own YAML and JSON: topologies and fault plans.
 *
 * <p>Every complaint names the field by its path; unknown fields are refused, because a misspelt
 * switch that silently does nothing makes a test prove nothing.
 */
@NullMarked
package io.portolan.sim.config;

import org.jspecify.annotations.NullMarked;
