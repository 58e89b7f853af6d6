package io.portolan.calico.ipam;

import io.portolan.common.kube.KubeResult;
import io.portolan.common.kube.ObjectKey;
import java.util.Optional;

/** Asks the API server itself, not a watch, for a pod. */
public interface PodLookup {
  /** Empty if there is none. */
  KubeResult<Optional<PodFacts>> find(ObjectKey pod);
}
