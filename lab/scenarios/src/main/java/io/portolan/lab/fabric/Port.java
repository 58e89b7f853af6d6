package io.portolan.lab.fabric;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.MacAddress;
import java.util.List;

/**
 * An attached cloud interface as the fabric sees it: one cable.
 *
 * @param interfaceId the cloud's identifier, such as {@code eni-0123456789abcdef0}
 * @param instanceId the machine at the other end
 * @param deviceIndex its position in the machine; the device there is named {@code ens5} plus it
 * @param primary the interface's own address
 * @param assigned every address and prefix the cloud routes to it, the primary included
 * @param gateway the router address of its subnet
 * @param sourceDestCheck whether packets must carry an assigned source
 */
public record Port(
    String interfaceId,
    String instanceId,
    int deviceIndex,
    MacAddress mac,
    IpAddress primary,
    List<Cidr> assigned,
    IpAddress gateway,
    boolean sourceDestCheck) {

  public Port {
    assigned = assigned.stream().sorted().toList();
  }

  /** The fabric's end of the cable; device names have at most 15 characters. */
  public String fabricDevice() {
    String id = interfaceId.startsWith("eni-") ? interfaceId.substring(4) : interfaceId;
    return "e" + id.substring(Math.max(0, id.length() - 14));
  }

  /** The machine's end of the cable, as current Linux images name ENIs. */
  public String nodeDevice() {
    return "ens" + (5 + deviceIndex);
  }
}
