package io.portolan.policy.agent;

/** An API group in which a cluster may have Calico's objects. */
enum CalicoGroup {
  /** projectcalico.org/v3, that people use: a view of what is stored, or objects of its own. */
  USED,

  /** crd.projectcalico.org/v1, in which Calico stores them or did. */
  STORED
}
