package io.portolan.common.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * Which machine of which cloud the node is.
 *
 * @param provider {@code aws}, {@code azure} or {@code gcp}; left out where no cloud is involved
 * @param instanceId the cloud's identifier of the machine, such as {@code i-0123456789abcdef0}
 * @param instanceType the machine type, such as {@code m5.large}
 * @param zone the availability zone, such as {@code eu-central-1a}
 * @param profile the NetworkProfile this node follows
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NodeNetworkSpec(
    @Nullable String provider,
    @Nullable String instanceId,
    @Nullable String instanceType,
    @Nullable String zone,
    @Nullable String profile) {}
