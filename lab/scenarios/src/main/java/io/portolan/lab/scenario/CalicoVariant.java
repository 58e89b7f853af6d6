package io.portolan.lab.scenario;

/** How packets travel between the nodes of a Calico scenario. */
public enum CalicoVariant {
  VXLAN("calico-vxlan", "Always", false, 1450, "in tunnels, to every node"),
  CROSS_SUBNET("calico-cross-subnet", "CrossSubnet", false, 1450, "in tunnels, to other subnets"),
  NONE("calico-none", "Never", true, 1500, "without tunnels; the network knows the blocks"),
  BGP("calico-bgp", "Never", false, 1500, "without tunnels; a router learns the blocks by BGP");

  private final String scenario;
  private final String vxlanMode;
  private final boolean networkKnowsBlocks;
  private final int podMtu;
  private final String words;

  CalicoVariant(
      String scenario, String vxlanMode, boolean networkKnowsBlocks, int podMtu, String words) {
    this.scenario = scenario;
    this.vxlanMode = vxlanMode;
    this.networkKnowsBlocks = networkKnowsBlocks;
    this.podMtu = podMtu;
    this.words = words;
  }

  /** The scenario's name. */
  public String scenario() {
    return scenario;
  }

  /** As an IPPool says it. */
  String vxlanMode() {
    return vxlanMode;
  }

  /** Whether the router between the subnets is told of blocks. */
  boolean networkKnowsBlocks() {
    return networkKnowsBlocks;
  }

  /** What pods' interfaces are to have, in bytes. */
  int podMtu() {
    return podMtu;
  }

  /** Whether packets between nodes are tunnelled. */
  boolean tunnels(boolean sameSubnet) {
    return switch (this) {
      case VXLAN -> true;
      case CROSS_SUBNET -> !sameSubnet;
      case NONE, BGP -> false;
    };
  }

  String words() {
    return words;
  }
}
