package io.portolan.calico.ipam;

import io.portolan.common.kube.KubeFault;
import java.util.Optional;

/** Faults that are found out here. */
final class KubeFaults {
  private KubeFaults() {}

  /** Others write the same object so often that no write of ours came in between. */
  static KubeFault busy(String name) {
    return new KubeFault(
        KubeFault.Kind.CONFLICT,
        409,
        "",
        name + " is written by others all the time; too many attempts",
        Optional.empty());
  }
}
