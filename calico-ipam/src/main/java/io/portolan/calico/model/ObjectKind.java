package io.portolan.calico.model;

/** The kinds of object that address management reads or writes; all are cluster-scoped. */
public enum ObjectKind {
  IP_POOL("IPPool", "ippools"),
  IP_RESERVATION("IPReservation", "ipreservations"),
  /** A single object named {@code default}; stored as IPAMConfig. */
  IPAM_CONFIGURATION("IPAMConfiguration", "ipamconfigurations"),
  IPAM_BLOCK("IPAMBlock", "ipamblocks"),
  BLOCK_AFFINITY("BlockAffinity", "blockaffinities"),
  IPAM_HANDLE("IPAMHandle", "ipamhandles");

  private final String name;
  private final String plural;

  ObjectKind(String name, String plural) {
    this.name = name;
    this.plural = plural;
  }

  /** The {@code kind} in a group. */
  public String name(ApiGroup group) {
    return this == IPAM_CONFIGURATION && group == ApiGroup.CRD ? "IPAMConfig" : name;
  }

  /** As in URLs of a group. */
  public String plural(ApiGroup group) {
    return this == IPAM_CONFIGURATION && group == ApiGroup.CRD ? "ipamconfigs" : plural;
  }
}
