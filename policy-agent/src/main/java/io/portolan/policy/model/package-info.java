/**
 * Policies and the cluster they speak of, as values: what the API means after defaulting, free of
 * how it is spelled on the wire and of how it is enforced. Pure.
 */
@NullMarked
package io.portolan.policy.model;

import org.jspecify.annotations.NullMarked;
