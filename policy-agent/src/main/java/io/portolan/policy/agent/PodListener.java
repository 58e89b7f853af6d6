package io.portolan.policy.agent;

import io.portolan.common.kube.PodRecord;
import io.portolan.policy.model.PodName;

/** Hears of every pod before the compiler does, on the watching thread. */
public interface PodListener {
  void seen(PodRecord pod);

  void gone(PodName name);

  /** All pods that there were have been told of. */
  default void listed() {}

  /** Tells both, this one first. */
  default PodListener then(PodListener other) {
    PodListener first = this;
    return new PodListener() {
      @Override
      public void seen(PodRecord pod) {
        first.seen(pod);
        other.seen(pod);
      }

      @Override
      public void gone(PodName name) {
        first.gone(name);
        other.gone(name);
      }

      @Override
      public void listed() {
        first.listed();
        other.listed();
      }
    };
  }
}
