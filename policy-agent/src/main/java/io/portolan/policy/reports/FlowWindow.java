package io.portolan.policy.reports;

import io.portolan.common.net.IpAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Packets of some seconds, those of like flows together. Bounded: pods choose how many different
 * flows there are.
 *
 * <p>Not thread-safe.
 */
final class FlowWindow {
  private final int most;
  private final Map<Key, Sum> flows = new LinkedHashMap<>();

  /**
   * @param most different flows at a time
   */
  FlowWindow(int most) {
    this.most = most;
  }

  /** What packets of one record have in common; source ports differ. */
  private record Key(
      String prefix,
      IpAddress source,
      IpAddress destination,
      int protocol,
      int port,
      int icmpType,
      int icmpCode) {}

  /**
   * Like packets.
   *
   * @param prefix of the rule that recorded them
   * @param sample the first of them
   */
  record Sum(
      String prefix, LoggedFlow sample, Instant first, Instant last, long packets, long bytes) {}

  /**
   * @return false if there is no room for another flow
   */
  boolean add(String prefix, LoggedFlow flow, Instant now) {
    Key key =
        new Key(
            prefix,
            flow.source(),
            flow.destination(),
            flow.protocol(),
            flow.port(),
            flow.icmpType(),
            flow.icmpCode());
    Sum sum = flows.get(key);
    if (sum == null && flows.size() >= most) {
      return false;
    }
    flows.put(
        key,
        sum == null
            ? new Sum(prefix, flow, now, now, 1, flow.bytes())
            : new Sum(
                prefix,
                sum.sample(),
                sum.first(),
                now,
                sum.packets() + 1,
                sum.bytes() + flow.bytes()));
    return true;
  }

  /** All since the last call, in the order they came. */
  List<Sum> take() {
    List<Sum> taken = new ArrayList<>(flows.values());
    flows.clear();
    return taken;
  }
}
