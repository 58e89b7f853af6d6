package io.portolan.linux.nft;

import java.util.LinkedHashMap;
import java.util.Map;

/** Chain priorities by nft's names: within ten of a known one it prints the name and an offset. */
final class NftPriorityText {
  private static final int REACH = 10;

  private NftPriorityText() {}

  static String of(NftFamily family, NftChain.Base base) {
    for (Map.Entry<String, Integer> known : known(family, base.hook()).entrySet()) {
      int offset = base.priority() - known.getValue();
      if (offset == 0) {
        return known.getKey();
      }
      if (Math.abs(offset) <= REACH) {
        return known.getKey() + (offset < 0 ? " - " : " + ") + Math.abs(offset);
      }
    }
    return Integer.toString(base.priority());
  }

  private static Map<String, Integer> known(NftFamily family, NftHook hook) {
    return family == NftFamily.BRIDGE ? ofBridges(hook) : ofAddresses(hook);
  }

  /** NF_BR_PRI_* of {@code linux/netfilter_bridge.h}. */
  private static Map<String, Integer> ofBridges(NftHook hook) {
    Map<String, Integer> known = new LinkedHashMap<>();
    if (hook == NftHook.PREROUTING) {
      known.put("dstnat", -300);
    }
    known.put("filter", -200);
    if (hook == NftHook.OUTPUT) {
      known.put("out", 100);
    }
    if (hook == NftHook.POSTROUTING) {
      known.put("srcnat", 300);
    }
    return known;
  }

  /** NF_IP_PRI_* of {@code linux/netfilter_ipv4.h}. */
  private static Map<String, Integer> ofAddresses(NftHook hook) {
    Map<String, Integer> known = new LinkedHashMap<>();
    known.put("raw", -300);
    known.put("mangle", -150);
    if (hook == NftHook.PREROUTING) {
      known.put("dstnat", -100);
    }
    known.put("filter", 0);
    known.put("security", 50);
    if (hook == NftHook.POSTROUTING) {
      known.put("srcnat", 100);
    }
    return known;
  }
}
