package io.portolan.node.ipam;

import io.portolan.common.net.IpAddress;
import java.util.List;

/**
 * Addresses kept for an interface that is expected.
 *
 * @param number tells it from every other one of this process
 * @param addresses IPv4 first
 */
public record Earmark(long number, List<IpAddress> addresses) {}
