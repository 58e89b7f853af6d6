package io.portolan.node.agent;

import io.portolan.common.net.Cidr;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/**
 * How a node agent behaves.
 *
 * @param nodeName name of the Node, and of its NodeNetwork
 * @param cniSocket where the shim connects
 * @param stateDirectory journal and supply survive here
 * @param interfacePrefix of host ends of pod links, 1 to 4 characters
 * @param podMtu bytes; left out: that of the node's uplink
 * @param cooldown how long an address rests after its pod
 * @param addressPatience how long ADD waits for an address
 * @param policyPatience how long ADD waits for a pod's policy
 * @param natOutgoing whether destinations outside the VPC see the node's address
 * @param natExclusions destinations that see the pod's address all the same
 */
public record AgentSettings(
    String nodeName,
    Path cniSocket,
    Path stateDirectory,
    String interfacePrefix,
    OptionalInt podMtu,
    Duration cooldown,
    Duration addressPatience,
    Duration policyPatience,
    boolean natOutgoing,
    List<Cidr> natExclusions) {
  public AgentSettings {
    if (nodeName.isEmpty()) {
      throw new IllegalArgumentException("the node's name must not be empty");
    }
    natExclusions = List.copyOf(natExclusions);
  }
}
