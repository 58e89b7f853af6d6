package io.portolan.common.controller;

import java.time.Instant;
import java.util.Optional;

/** Whether this process may act. */
public interface Leadership {
  /** Since when this process has been the leader, if it is at this moment. */
  Optional<Instant> since();
}
