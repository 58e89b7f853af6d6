package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.kube.ObjectKey;
import io.portolan.common.kube.PodRecord;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.PodName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodePodsTest {
  private final Map<String, String> lookup = new HashMap<>();
  private final List<String> heard = new ArrayList<>();
  private final NodePods pods =
      new NodePods(
          "node-1",
          address ->
              address.isIpv4()
                  ? Optional.of("eni" + address)
                  : Optional.ofNullable(lookup.get(address.toString())),
          new ClusterSink() {
            @Override
            public void changed(ClusterChange change) {
              heard.add(
                  switch (change) {
                    case ClusterChange.PodWired wired ->
                        "wired " + wired.pod().uid() + " " + wired.pod().hostInterface();
                    case ClusterChange.PodUnwired gone -> "unwired " + gone.id();
                    default -> "unexpected " + change;
                  });
            }

            @Override
            public void synced() {}
          });

  @Test
  void onlyRunningPodsOfThisNodeWithAnAddressOfTheirOwnAreWired() {
    pods.seen(pod("u1", "node-1", PodRecord.Phase.PENDING, false));
    pods.seen(pod("u1", "node-2", PodRecord.Phase.RUNNING, false, "10.0.0.1"));
    pods.seen(pod("u1", "node-1", PodRecord.Phase.RUNNING, true, "10.0.0.1"));
    pods.seen(pod("u1", "node-1", PodRecord.Phase.FAILED, false, "10.0.0.1"));
    pods.seen(pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "fd00::1"));
    assertThat(heard).isEmpty();
    pods.seen(pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "10.0.0.1"));
    assertThat(heard).containsExactly("wired u1 eni10.0.0.1");
  }

  @Test
  void aPodIsUnwiredOnceWhenItEndsOrIsReplaced() {
    pods.seen(pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "10.0.0.1"));
    pods.seen(pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "10.0.0.1"));
    pods.seen(pod("u2", "node-1", PodRecord.Phase.RUNNING, false, "10.0.0.2"));
    pods.seen(pod("u2", "node-1", PodRecord.Phase.SUCCEEDED, false, "10.0.0.2"));
    pods.gone(new PodName("shop", "web"));
    assertThat(heard)
        .containsExactly(
            "wired u1 eni10.0.0.1",
            "unwired u1/eni10.0.0.1",
            "wired u2 eni10.0.0.2",
            "unwired u2/eni10.0.0.2");
  }

  @Test
  void aPodWhoseRouteLeadsByAnotherLinkLeavesTheFirst() {
    pods.seen(pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "10.0.0.1"));
    pods.seen(pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "10.0.0.2"));
    assertThat(heard)
        .containsExactly("wired u1 eni10.0.0.1", "wired u1 eni10.0.0.2", "unwired u1/eni10.0.0.1");
  }

  @Test
  void aPodWithoutALinkIsToldOfAndLookedForWheneverAPodOfTheNodeChanges() {
    PodRecord lost = pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "fd00::1");
    pods.seen(lost);
    assertThat(pods.problem())
        .contains("no link of its own leads to pod shop/web (fd00::1): it is not policed");
    lookup.put("fd00::1", "cali1");
    pods.gone(new PodName("shop", "unknown"));
    pods.seen(pod("far", "u8", "node-2", PodRecord.Phase.RUNNING, false, "10.0.0.8"));
    assertThat(heard).isEmpty();
    pods.seen(pod("near", "u9", "node-1", PodRecord.Phase.RUNNING, false, "10.0.0.9"));
    assertThat(heard).containsExactly("wired u9 eni10.0.0.9", "wired u1 cali1");
    assertThat(pods.problem()).isEmpty();
  }

  @Test
  void aPodWhoseRouteIsGoneKeepsItsRulesUntilItEnds() {
    PodRecord pod = pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "fd00::1");
    lookup.put("fd00::1", "cali1");
    pods.seen(pod);
    lookup.clear();
    pods.seen(pod);
    assertThat(pods.problem()).isEmpty();
    pods.seen(pod("u1", "node-1", PodRecord.Phase.SUCCEEDED, false, "fd00::1"));
    assertThat(heard).containsExactly("wired u1 cali1", "unwired u1/cali1");
  }

  private static PodRecord pod(
      String uid, String node, PodRecord.Phase phase, boolean hostNetwork, String... addresses) {
    return pod("web", uid, node, phase, hostNetwork, addresses);
  }

  static PodRecord pod(
      String name,
      String uid,
      String node,
      PodRecord.Phase phase,
      boolean hostNetwork,
      String... addresses) {
    return new PodRecord(
        new ObjectKey("shop", name),
        uid,
        node,
        phase,
        List.of(addresses).stream().map(IpAddress::parse).toList(),
        Map.of(),
        Map.of(),
        hostNetwork,
        List.of(),
        "default",
        false,
        Instant.EPOCH);
  }
}
