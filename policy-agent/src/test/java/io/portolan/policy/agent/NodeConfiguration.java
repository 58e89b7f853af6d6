package io.portolan.policy.agent;

import io.portolan.linux.netns.NetworkNamespace;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * All that others configure in a node's network, as text: what a policy-only agent leaves alone.
 */
final class NodeConfiguration {
  private NodeConfiguration() {}

  static String of(NetworkNamespace node) {
    return section(node, "links", "ip -d link")
        + section(node, "addresses", "ip addr")
        + section(node, "routes", "ip route show table all; ip -6 route show table all")
        + section(node, "rules", "ip rule; ip -6 rule")
        + section(node, "proxies and bridges", "ip neigh show proxy; bridge link")
        + section(node, "iptables", "iptables-save; ip6tables-save")
        + section(
            node,
            "tables of others",
            "nft list tables | grep -v ' portolan$' | while read -r table; do nft list $table;"
                + " done")
        + section(
            node,
            "settings",
            "cd /proc/sys/net && grep -r . . 2>/dev/null"
                + " | grep -v -e nf_conntrack_count -e stable_secret -e random | sort");
  }

  /** Without what changes by itself: counters, ages, states of learned entries. */
  private static String section(NetworkNamespace node, String title, String script) {
    return Arrays.stream(NetworkLab.run(node, "sh", "-c", script).split("\n"))
        .filter(line -> !line.startsWith("#"))
        .map(line ->
            line.replaceAll("packets \\d+ bytes \\d+", "counted")
                .replaceAll("\\[\\d+:\\d+\\]", "")
                .replaceAll("(timer|expires|gc_timer|hello_timer|tcn_timer) +[\\d.]+(sec)?", "")
                .replaceAll("topology_change\\w* \\d+( timer)?", ""))
        .collect(Collectors.joining("\n", "== " + title + "\n", "\n"));
  }
}
