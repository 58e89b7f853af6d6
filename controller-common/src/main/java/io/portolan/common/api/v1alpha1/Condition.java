package io.portolan.common.api.v1alpha1;

import io.fabric8.generator.annotation.Required;

/**
 * A condition as the Kubernetes API conventions define it.
 *
 * @param type the claim, such as {@code Ready}; unique in the list
 * @param status {@code True}, {@code False} or {@code Unknown}
 * @param reason one CamelCase word for programs
 * @param message a sentence for people, with what to do
 * @param lastTransitionTime when {@code status} last changed, RFC 3339
 */
public record Condition(
    @Required String type,
    @Required String status,
    @Required String reason,
    String message,
    @Required String lastTransitionTime) {}
