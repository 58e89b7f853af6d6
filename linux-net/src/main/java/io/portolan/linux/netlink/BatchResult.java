package io.portolan.linux.netlink;

import java.util.Collections;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What became of each message of a batch.
 *
 * @param failures by index of the message; absent means done
 */
public record BatchResult(NavigableMap<Integer, NetlinkException> failures) {
  public BatchResult {
    failures = Collections.unmodifiableNavigableMap(new TreeMap<>(failures));
  }

  public boolean isSuccess() {
    return failures.isEmpty();
  }

  /** Why message {@code index} failed; empty if it did not. */
  public Optional<NetlinkException> failure(int index) {
    return Optional.ofNullable(failures.get(index));
  }

  /**
   * @throws NetlinkException the first failure, with the others suppressed in it
   */
  public void throwIfFailed() {
    if (failures.isEmpty()) {
      return;
    }
    NetlinkException first = failures.firstEntry().getValue();
    for (NetlinkException other : failures.tailMap(failures.firstKey(), false).values()) {
      first.addSuppressed(other);
    }
    throw first;
  }
}
