package io.portolan.node.ipam;

import java.time.Duration;

/** Hears of what the ledger does, on its thread; must not block. */
public interface LedgerObserver {
  /** What {@link Ledger#view} shows has changed. */
  void changed(PoolView now);

  /** A request got its addresses, {@code waited} after it was made. */
  void granted(Duration waited);
}
