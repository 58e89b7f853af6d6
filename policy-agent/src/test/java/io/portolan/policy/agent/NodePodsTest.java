package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.kube.ObjectKey;
import io.portolan.common.kube.PodRecord;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.linux.route.MacAddress;
import io.portolan.policy.agent.NodeNetwork.Bridge;
import io.portolan.policy.agent.NodeNetwork.HostRoute;
import io.portolan.policy.agent.NodeNetwork.Network;
import io.portolan.policy.agent.NodeNetwork.Port;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.PodName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What pods and network together say is wired; times are virtual. */
class NodePodsTest {
  private final List<String> heard = new ArrayList<>();
  private final AtomicLong now = new AtomicLong();
  private final Map<IpAddress, HostRoute> routes = new HashMap<>();
  private final NodePods pods =
      new NodePods(
          "node-1",
          new ClusterSink() {
            @Override
            public void changed(ClusterChange change) {
              heard.add(
                  switch (change) {
                    case ClusterChange.PodWired wired -> "wired " + text(wired.pod());
                    case ClusterChange.PodUnwired gone -> "unwired " + gone.id();
                    default -> "unexpected " + change;
                  });
            }

            @Override
            public void isolated(LocalPod pod) {
              heard.add("isolated " + text(pod));
            }

            @Override
            public void synced() {}
          },
          bridges -> heard.add("bridges " + bridges),
          true,
          now::get);

  @Test
  void onlyPodsOfThisNodeWithAnAddressOfTheirOwnAreWired() {
    route("10.0.0.1", "eni1", 1);
    network();
    pods.seen(pod("u1", "node-1", PodRecord.Phase.PENDING, false));
    pods.seen(pod("u1", "node-2", PodRecord.Phase.RUNNING, false, "10.0.0.1"));
    pods.seen(pod("u1", "node-1", PodRecord.Phase.RUNNING, true, "10.0.0.1"));
    pods.seen(pod("u1", "node-1", PodRecord.Phase.FAILED, false, "10.0.0.1"));
    pods.seen(pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "fd00::1"));
    assertThat(heard).isEmpty();
    pods.seen(pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "10.0.0.1"));
    assertThat(heard).containsExactly("wired u1/eni1 10.0.0.1");
  }

  @Test
  void aPodIsUnwiredOnceWhenItEndsOrIsReplaced() {
    route("10.0.0.1", "eni1");
    route("10.0.0.2", "eni2");
    network();
    pods.seen(pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "10.0.0.1"));
    pods.seen(pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "10.0.0.1"));
    pods.seen(pod("u2", "node-1", PodRecord.Phase.RUNNING, false, "10.0.0.2"));
    pods.seen(pod("u2", "node-1", PodRecord.Phase.SUCCEEDED, false, "10.0.0.2"));
    pods.gone(new PodName("shop", "web"));
    assertThat(heard)
        .containsExactly(
            "wired u1/eni1 10.0.0.1",
            "unwired u1/eni1",
            "wired u2/eni2 10.0.0.2",
            "unwired u2/eni2");
  }

  @Test
  void aPodWhoseRouteLeadsByAnotherLinkLeavesTheFirst() {
    route("10.0.0.1", "eni1");
    network();
    pods.seen(pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "10.0.0.1"));
    route("10.0.0.1", "eni2");
    network();
    assertThat(heard)
        .containsExactly("wired u1/eni1 10.0.0.1", "wired u1/eni2 10.0.0.1", "unwired u1/eni1");
  }

  @Test
  void aPodWithoutALinkIsToldOfAndLookedForWheneverTheNetworkChanges() {
    network();
    pods.seen(pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "fd00::1", "10.0.0.1"));
    assertThat(pods.problem())
        .contains(
            "no link of its own leads to pod shop/web (fd00::1, 10.0.0.1): it is not policed");
    route("10.0.0.9", "eni9");
    network();
    assertThat(heard).isEmpty();
    route("fd00::1", "cali1");
    network();
    assertThat(heard).containsExactly("wired u1/cali1 fd00::1,10.0.0.1");
    assertThat(pods.problem()).isEmpty();
  }

  @Test
  void aPodWhoseRouteIsGoneKeepsItsRulesUntilItEnds() {
    PodRecord pod = pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "fd00::1");
    route("fd00::1", "cali1");
    network();
    pods.seen(pod);
    routes.clear();
    network();
    pods.seen(pod);
    assertThat(pods.problem()).isEmpty();
    pods.seen(pod("u1", "node-1", PodRecord.Phase.SUCCEEDED, false, "fd00::1"));
    assertThat(heard).containsExactly("wired u1/cali1 fd00::1", "unwired u1/cali1");
  }

  @Test
  void addressesOfBothFamiliesAreFoundEachByItsOwnLink() {
    route("10.0.0.1", "eni1");
    route("fd00::1", "eni1");
    route("fd00::2", "eni2");
    network();
    pods.seen(pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "10.0.0.1", "fd00::1"));
    pods.seen(pod("u2", "node-1", PodRecord.Phase.RUNNING, false, "10.0.0.1", "fd00::2"));
    assertThat(heard)
        .containsExactly(
            "wired u1/eni1 10.0.0.1,fd00::1",
            "unwired u1/eni1",
            "wired u2/eni1 10.0.0.1",
            "wired u2/eni2 fd00::2");
  }

  @Test
  void whatElseLeadsIntoThePodsContainerIsThePods() {
    route("10.0.0.1", "eni1", 3);
    route("169.254.172.4", "veth1", 3);
    route("10.0.0.2", "eni2", 4);
    pods.listed();
    network();
    heard.clear();
    pods.seen(pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "10.0.0.1"));
    assertThat(heard)
        .containsExactly(
            "wired u1/eni1 10.0.0.1",
            "wired u1/veth1 169.254.172.4",
            "unwired unclaimed/10.0.0.1/eni1");
  }

  @Test
  void aLinkNamedAfterAPodIsNotWaitedFor() {
    pods.listed();
    network();
    heard.clear();
    // As the plugins of Calico and Amazon name it, by their own tests.
    pods.seen(named("kube-system", "coredns-57ff979f67-qqbdh"));
    route("10.0.0.1", "enib5faff8a083", 1);
    route("fd00::1", "enib5faff8a083", 1);
    network();
    pods.seen(named("namespace", "podname"));
    route("10.0.0.2", "cali82111e10a96", 2);
    network();
    assertThat(heard)
        .containsExactly(
            "wired coredns-57ff979f67-qqbdh/enib5faff8a083 10.0.0.1,fd00::1",
            "wired podname/cali82111e10a96 10.0.0.2");
  }

  @Test
  void anAddressInAContainerIsClosedUntilAPodHasIt() {
    pods.listed();
    network();
    heard.clear();
    pods.seen(pod("u1", "node-1", PodRecord.Phase.PENDING, false));
    route("10.0.0.1", "veth1", 1);
    route("10.0.0.254", "eth0");
    network();
    pass(UnclaimedLinks.PATIENCE);
    pods.seen(pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "10.0.0.1"));
    assertThat(heard)
        .containsExactly(
            "isolated unclaimed/10.0.0.1/veth1 10.0.0.1",
            "wired u1/veth1 10.0.0.1",
            "unwired unclaimed/10.0.0.1/veth1");
    assertThat(pods.closedUnclaimed()).isZero();
  }

  @Test
  void anAddressThatNoPodCanHaveIsOpenedAgainAndNotClosedTwice() {
    pods.listed();
    network();
    heard.clear();
    route("10.0.0.1", "veth1", 1);
    network();
    pass(UnclaimedLinks.PATIENCE.minusNanos(1));
    assertThat(heard).containsExactly("isolated unclaimed/10.0.0.1/veth1 10.0.0.1");
    pass(Duration.ofNanos(1));
    pass(UnclaimedLinks.LIMIT);
    assertThat(heard).last().isEqualTo("unwired unclaimed/10.0.0.1/veth1");
    assertThat(heard).hasSize(2);
    assertThat(pods.openUnclaimed()).isEqualTo(1);
  }

  @Test
  void aPodThatWaitsForItsAddressKeepsOthersClosedForABoundedTime() {
    pods.listed();
    network();
    heard.clear();
    pods.seen(pod("u1", "node-1", PodRecord.Phase.PENDING, false));
    route("10.0.0.1", "veth1", 1);
    network();
    pass(UnclaimedLinks.LIMIT.minusNanos(1));
    assertThat(heard).hasSize(1);
    pass(Duration.ofNanos(1));
    assertThat(heard).last().isEqualTo("unwired unclaimed/10.0.0.1/veth1");
  }

  @Test
  void theContainerOfAPodThatIsGoneStaysClosed() {
    route("10.0.0.1", "veth1", 1);
    pods.listed();
    network();
    pods.seen(pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "10.0.0.1"));
    heard.clear();
    pods.gone(new PodName("shop", "web"));
    pass(UnclaimedLinks.LIMIT.multipliedBy(10));
    assertThat(heard)
        .containsExactly("unwired u1/veth1", "isolated unclaimed/10.0.0.1/veth1 10.0.0.1");
    routes.clear();
    network();
    assertThat(heard).last().isEqualTo("unwired unclaimed/10.0.0.1/veth1");
  }

  @Test
  void whatIsThereAtTheStartIsClosedOnlyIfNoPodOfTheListHasIt() {
    route("10.0.0.1", "veth1", 1);
    route("10.0.0.2", "veth2", 2);
    network();
    route("10.0.0.3", "veth3", 3);
    network();
    pods.seen(pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "10.0.0.1"));
    pods.listed();
    assertThat(heard)
        .containsExactly(
            "isolated unclaimed/10.0.0.3/veth3 10.0.0.3",
            "wired u1/veth1 10.0.0.1",
            "wired unclaimed/10.0.0.2/veth2 10.0.0.2",
            "bridges []");
  }

  @Test
  void bridgesAreToldOfWhenAllPodsAreKnownAndContainersBesidePodsAreClosed() {
    Bridge cni0 =
        new Bridge(
            "cni0",
            MacAddress.parse("0a:58:0a:f4:01:01"),
            List.of(
                new Port("veth1", List.of(IpAddress.parse("10.244.1.2"))),
                new Port("veth2", List.of(IpAddress.parse("10.244.1.3")))));
    Bridge docker0 =
        new Bridge(
            "docker0",
            MacAddress.parse("02:42:00:00:00:01"),
            List.of(new Port("veth9", List.of(IpAddress.parse("172.17.0.2")))));
    pods.network(
        new NodeNetwork(
            Map.of(),
            List.of(
                new Network(Cidr.parse("10.244.1.0/24"), "cni0"),
                new Network(Cidr.parse("172.17.0.0/16"), "docker0")),
            Map.of("cni0", cni0, "docker0", docker0)));
    pods.seen(pod("u1", "node-1", PodRecord.Phase.RUNNING, false, "10.244.1.2"));
    pods.listed();
    assertThat(heard)
        .containsExactly(
            "wired u1/cni0 10.244.1.2",
            "isolated unclaimed/10.244.1.3/cni0 10.244.1.3",
            "bridges [BridgedPods[bridge=cni0, mac=0a:58:0a:f4:01:01, pods=[10.244.1.2],"
                + " ports={veth1=[10.244.1.2], veth2=[10.244.1.3]}]]");
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
    network();
  }

  private void route(String address, String link) {
    IpAddress to = IpAddress.parse(address);
    routes.put(to, new HostRoute(to, link, OptionalInt.empty()));
  }

  private void route(String address, String link, int container) {
    IpAddress to = IpAddress.parse(address);
    routes.put(to, new HostRoute(to, link, OptionalInt.of(container)));
  }

  private void network() {
    pods.network(new NodeNetwork(routes, List.of(), Map.of()));
  }

  private static String text(LocalPod pod) {
    return pod.id()
        + " "
        + pod.addresses().stream().map(IpAddress::toString).collect(Collectors.joining(","));
  }

  private static PodRecord named(String namespace, String name) {
    return pod(new ObjectKey(namespace, name), name, "node-1", PodRecord.Phase.PENDING, false);
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
    return pod(new ObjectKey("shop", name), uid, node, phase, hostNetwork, addresses);
  }

  private static PodRecord pod(
      ObjectKey key,
      String uid,
      String node,
      PodRecord.Phase phase,
      boolean hostNetwork,
      String... addresses) {
    return new PodRecord(
        key,
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
