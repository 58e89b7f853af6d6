package io.portolan.common.metrics;

/**
 * What one policy, or the end of a tier, did to packets of one direction.
 *
 * @param policy such as {@code np/shop/web}
 * @param direction ingress or egress
 * @param verdict allowed or denied
 */
public record PolicyPackets(
    String policy, String tier, String direction, String verdict, long packets, long bytes) {}
