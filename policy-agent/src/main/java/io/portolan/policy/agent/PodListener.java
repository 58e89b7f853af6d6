package io.portolan.policy.agent;

import io.portolan.common.kube.PodRecord;
import io.portolan.policy.model.PodName;

/** Hears of every pod before the compiler does, on the watching thread. */
public interface PodListener {
  void seen(PodRecord pod);

  void gone(PodName name);
}
