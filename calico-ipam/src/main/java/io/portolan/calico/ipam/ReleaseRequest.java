package io.portolan.calico.ipam;

import io.portolan.common.net.IpAddress;
import java.util.OptionalLong;

/**
 * Asks that an address be released.
 *
 * @param handle it is assigned under; otherwise it is left alone
 * @param sequence its allocation has; otherwise it is left alone. Empty for any
 */
public record ReleaseRequest(IpAddress address, String handle, OptionalLong sequence) {}
