package io.portolan.common.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.cloud.NodeName;
import io.portolan.common.kube.KubeEvent;
import io.portolan.common.kube.ObjectKey;
import io.portolan.common.kube.PodRecord;
import io.portolan.common.net.IpAddress;
import io.portolan.common.pool.NodeDemand;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class PodIndexTest {
  private static final NodeName N1 = new NodeName("n1");

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final List<NodeName> changed = new ArrayList<>();
  private final PodIndex index = new PodIndex(() -> now, changed::add);

  @Test
  void countsPodsThatNeedAnAddressAndTheAddressesTheyShow() {
    index.accept(
        new KubeEvent.Synced<>(
            List.of(
                pod("a", "n1", PodRecord.Phase.RUNNING, false, "10.0.1.5"),
                pod("b", "n1", PodRecord.Phase.PENDING, false),
                pod("host", "n1", PodRecord.Phase.RUNNING, true, "10.0.1.4"),
                pod("done", "n1", PodRecord.Phase.SUCCEEDED, false, "10.0.1.6"),
                pod("unbound", "", PodRecord.Phase.PENDING, false))));

    NodeDemand demand = index.demand(N1);
    assertThat(demand.pods()).isEqualTo(2);
    assertThat(demand.busy()).containsExactly(IpAddress.parse("10.0.1.5"));
    assertThat(demand.departures()).isEmpty();
    assertThat(changed).containsExactly(N1);
  }

  @Test
  void aPodThatEndsOrGoesDepartsOnce() {
    index.accept(upsert(pod("a", "n1", PodRecord.Phase.RUNNING, false, "10.0.1.5")));
    index.accept(upsert(pod("a", "n1", PodRecord.Phase.FAILED, false, "10.0.1.5")));
    index.accept(new KubeEvent.Delete<>(key("a"), "uid"));

    assertThat(index.demand(N1)).isEqualTo(new NodeDemand(0, new TreeSet<>(), List.of(now)));
    assertThat(changed).containsExactly(N1, N1);
  }

  @Test
  void aNewListingCountsWhatVanishedMeanwhile() {
    index.accept(new KubeEvent.Synced<>(List.of(pod("a", "n1", PodRecord.Phase.RUNNING, false))));
    index.accept(new KubeEvent.Synced<>(List.of(pod("b", "n1", PodRecord.Phase.RUNNING, false))));

    assertThat(index.demand(N1).pods()).isEqualTo(1);
    assertThat(index.demand(N1).departures()).containsExactly(now);
  }

  @Test
  void anAddressThatAppearsIsAChangeAndNoDeparture() {
    index.accept(upsert(pod("a", "n1", PodRecord.Phase.PENDING, false)));
    index.accept(upsert(pod("a", "n1", PodRecord.Phase.RUNNING, false, "10.0.1.5")));
    index.accept(upsert(pod("a", "n1", PodRecord.Phase.RUNNING, false, "10.0.1.5")));

    assertThat(changed).as("what says nothing new wakes nobody").containsExactly(N1, N1);
    assertThat(index.demand(N1).departures()).isEmpty();
  }

  @Test
  void oldDeparturesAreForgotten() {
    index.accept(upsert(pod("a", "n1", PodRecord.Phase.RUNNING, false)));
    index.accept(new KubeEvent.Delete<>(key("a"), "uid"));
    now = now.plusSeconds(601);
    assertThat(index.demand(N1)).isEqualTo(NodeDemand.NONE);
  }

  private static KubeEvent<PodRecord> upsert(PodRecord pod) {
    return new KubeEvent.Upsert<>(pod);
  }

  private static ObjectKey key(String name) {
    return new ObjectKey("default", name);
  }

  private static PodRecord pod(
      String name, String node, PodRecord.Phase phase, boolean hostNetwork, String... ips) {
    return new PodRecord(
        key(name),
        "uid-" + name,
        node,
        phase,
        List.of(ips).stream().map(IpAddress::parse).toList(),
        Map.of(),
        Map.of(),
        hostNetwork,
        List.of(),
        "default",
        false,
        Instant.EPOCH);
  }
}
