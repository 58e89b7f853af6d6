package io.portolan.policy.cases;

import io.portolan.common.kube.NodeAddressesRecord;
import io.portolan.common.kube.PodRecord;
import io.portolan.policy.model.ClusterChange;
import java.util.List;

/** What an object of the API means to policy. */
sealed interface ClusterObject {

  /** A pod; whether it is policed depends on who else claims its addresses. */
  record Pod(PodRecord pod) implements ClusterObject {}

  /** A node; its addresses are exempt for the pods it runs. */
  record Node(NodeAddressesRecord node) implements ClusterObject {}

  /** A service; its endpoints are made from pods unless they are there. */
  record Service(ServiceRecord service) implements ClusterObject {}

  /**
   * What the compiler hears of an object.
   *
   * @param namespace the one the object shows to exist; empty if it is in none
   * @param problems what of it could not be understood
   */
  record Fact(ClusterChange seen, ClusterChange gone, String namespace, List<String> problems)
      implements ClusterObject {
    public Fact {
      problems = List.copyOf(problems);
    }
  }

  /**
   * A staged policy.
   *
   * @param change what enforcing it would mean: a policy that is seen, or gone
   * @param namespace likewise
   */
  record Staged(ClusterChange change, String namespace, List<String> problems)
      implements ClusterObject {
    public Staged {
      problems = List.copyOf(problems);
    }
  }

  /** Belongs to a cluster that policy is asked about, but decides nothing. */
  record Bystander() implements ClusterObject {}
}
