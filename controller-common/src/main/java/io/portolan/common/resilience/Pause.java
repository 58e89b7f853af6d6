package io.portolan.common.resilience;

import java.time.Duration;

/** Lets time pass; virtual in tests and simulations. */
public interface Pause {

  /** The ordinary passing of time. */
  Pause REAL = Thread::sleep;

  void sleep(Duration time) throws InterruptedException;
}
